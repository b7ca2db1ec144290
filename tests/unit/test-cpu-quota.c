/* SPDX-License-Identifier: MIT */
/*
 * Quotas of control groups, read below a root that the test writes.
 */
#include "run/cpu-quota.h"

#include <glib.h>
#include <glib/gstdio.h>

#define V2_MOUNT "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n"
#define V1_MOUNT                                                                           \
    "24 20 0:20 / /sys rw - sysfs sysfs rw\n"                                              \
    "33 32 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:12 - cgroup cgroup "                \
    "rw,cpu,cpuacct\n"                                                                     \
    "34 32 0:30 / /sys/fs/cgroup/cpuset rw shared:13 - cgroup cgroup rw,cpuset\n"

typedef struct Root {
    char *path; /* owned */
} Root;

static void
write_file(const Root *root, const char *name, const char *text)
{
    g_autofree char *path = g_strconcat(root->path, name, NULL);
    g_autofree char *directory = g_path_get_dirname(path);

    g_assert_cmpint(g_mkdir_with_parents(directory, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
root_init(Root *root, const char *cgroup, const char *mountinfo)
{
    root->path = g_dir_make_tmp("dagrun-test-XXXXXX", NULL);
    g_assert_nonnull(root->path);
    write_file(root, "/proc/self/cgroup", cgroup);
    write_file(root, "/proc/self/mountinfo", mountinfo);
}

static void
remove_tree(const char *path)
{
    GDir *directory = g_dir_open(path, 0, NULL);
    const char *name;

    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree char *child = g_build_filename(path, name, NULL);

        remove_tree(child);
    }
    if (directory)
        g_dir_close(directory);
    g_remove(path);
}

/* Check the quota, and remove the files. */
static void
assert_quota(Root *root, double wanted)
{
    g_assert_cmpfloat_with_epsilon(dag__cpu_quota(root->path), wanted, 1e-9);
    remove_tree(root->path);
    g_free(root->path);
}

static void
test_version_2(void)
{
    Root root;

    root_init(&root, "0::/user.slice/a.scope\n", V2_MOUNT);
    write_file(&root, "/sys/fs/cgroup/user.slice/a.scope/cpu.max", "50000 100000\n");
    assert_quota(&root, 0.5);
    root_init(&root, "0::/user.slice/a.scope\n", V2_MOUNT);
    write_file(&root, "/sys/fs/cgroup/user.slice/a.scope/cpu.max", "max 100000\n");
    assert_quota(&root, 0);
    root_init(&root, "0::/\n",
              V2_MOUNT); /* with a namespace of its own, as in a container */
    write_file(&root, "/sys/fs/cgroup/cpu.max", "200000 100000\n");
    assert_quota(&root, 2);
}

static void
test_the_least_quota_of_the_group_and_its_parents_counts(void)
{
    Root root;

    root_init(&root, "0::/pod/container/job\n", V2_MOUNT);
    write_file(&root, "/sys/fs/cgroup/pod/container/job/cpu.max", "max 100000\n");
    write_file(&root, "/sys/fs/cgroup/pod/container/cpu.max", "400000 100000\n");
    write_file(&root, "/sys/fs/cgroup/pod/cpu.max", "150000 100000\n");
    assert_quota(&root, 1.5);
}

static void
test_version_1(void)
{
    static const char cgroup[] = "5:cpuset:/x\n4:cpu,cpuacct:/docker/abc\n0::/docker/abc\n";
    Root root;

    root_init(&root, cgroup, V1_MOUNT);
    write_file(&root, "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "-1\n");
    write_file(&root, "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us",
               "100000\n");
    write_file(&root, "/sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_quota_us", "25000\n");
    write_file(&root, "/sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_period_us", "50000\n");
    assert_quota(&root, 0.5);
    root_init(&root, cgroup, V1_MOUNT);
    write_file(&root, "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "-1\n");
    write_file(&root, "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us",
               "100000\n");
    assert_quota(&root, 0);
}

static void
test_a_container_sees_only_its_part_of_the_tree(void)
{
    /* The group as the host names it; its directory is what is mounted. */
    static const char mount[] =
        "33 32 0:29 /docker/abc /sys/fs/cgroup/my\\040cpu ro - cgroup "
        "cgroup rw,cpu,cpuacct\n";
    Root root;

    root_init(&root, "4:cpu,cpuacct:/docker/abc\n", mount);
    write_file(&root, "/sys/fs/cgroup/my cpu/cpu.cfs_quota_us", "200000\n");
    write_file(&root, "/sys/fs/cgroup/my cpu/cpu.cfs_period_us", "100000\n");
    assert_quota(&root, 2);
    root_init(&root, "4:cpu,cpuacct:/docker/abc/inner\n", mount);
    write_file(&root, "/sys/fs/cgroup/my cpu/cpu.cfs_quota_us", "200000\n");
    write_file(&root, "/sys/fs/cgroup/my cpu/cpu.cfs_period_us", "100000\n");
    write_file(&root, "/sys/fs/cgroup/my cpu/inner/cpu.cfs_quota_us", "100000\n");
    write_file(&root, "/sys/fs/cgroup/my cpu/inner/cpu.cfs_period_us", "100000\n");
    assert_quota(&root, 1);
    root_init(&root, "4:cpu,cpuacct:/elsewhere\n", mount);
    write_file(&root, "/sys/fs/cgroup/my cpu/cpu.cfs_quota_us", "300000\n");
    write_file(&root, "/sys/fs/cgroup/my cpu/cpu.cfs_period_us", "100000\n");
    assert_quota(&root, 3);
}

static void
test_without_control_groups_there_is_no_quota(void)
{
    Root root;

    root_init(&root, "", "");
    assert_quota(&root, 0);
    root_init(&root, "0::/a\n", V2_MOUNT);
    assert_quota(&root, 0);
    root_init(&root, "0::/a\n", V2_MOUNT);
    write_file(&root, "/sys/fs/cgroup/a/cpu.max", "nonsense\n");
    assert_quota(&root, 0);
    g_assert_cmpfloat(dag__cpu_quota("/does/not/exist"), ==, 0);
}

static void
test_a_part_of_a_processor_is_one_worker(void)
{
    g_assert_cmpuint(dag__workers_for_quota(2, 0.5), ==, 1);
    g_assert_cmpuint(dag__workers_for_quota(64, 2), ==, 2);
    g_assert_cmpuint(dag__workers_for_quota(64, 1.5), ==, 2);
    g_assert_cmpuint(dag__workers_for_quota(64, 0.001), ==, 1);
    g_assert_cmpuint(dag__workers_for_quota(4, 8), ==, 4);
    g_assert_cmpuint(dag__workers_for_quota(4, 0), ==, 4);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cpu-quota/version-2", test_version_2);
    g_test_add_func("/cpu-quota/the-least-quota-of-the-group-and-its-parents-counts",
                    test_the_least_quota_of_the_group_and_its_parents_counts);
    g_test_add_func("/cpu-quota/version-1", test_version_1);
    g_test_add_func("/cpu-quota/a-container-sees-only-its-part-of-the-tree",
                    test_a_container_sees_only_its_part_of_the_tree);
    g_test_add_func("/cpu-quota/without-control-groups-there-is-no-quota",
                    test_without_control_groups_there_is_no_quota);
    g_test_add_func("/cpu-quota/a-part-of-a-processor-is-one-worker",
                    test_a_part_of_a_processor_is_one_worker);
    return g_test_run();
}
