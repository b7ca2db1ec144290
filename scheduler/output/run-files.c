/* SPDX-License-Identifier: MIT */
/*
 * Each directory has the same name in another place, unique to the run.  They are tried in order: a
 * place that does not exist, or has no room, is passed over.
 *
 * Names never lead to another file: a file is made, not opened, and stays.  A name that exists
 * already (a script may put files there, too) is made in a numbered directory beside it.
 *
 * The process that removes the directories may be the guard, which does not know which of them
 * exist.  It removes what has the name and belongs to the user.
 */
#include "output/run-files.h"

#include "output/file-name.h"
#include "output/temporary.h"
#include "run/lock.h"

#include <dagrun/error.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The limit of one run in memory; the same as that of all spools. */
#define MAX_IN_MEMORY (64 * DAG__SPOOL_MEMORY)

/* The space that a run leaves to other programs in a file system in memory. */
#define SPARE_MEMORY (16 * DAG__SPOOL_MEMORY)

/* XDG_RUNTIME_DIR, /dev/shm and the temporary directories. */
#define MAX_DIRECTORIES (2 + DAG__N_TEMPORARY - 1)

/* Directories that nftw() may have open at once. */
#define MAX_OPEN 16

/* Of files with one name, which only a script can cause. */
#define MAX_NUMBER 1000

/* A directory that may exist. */
typedef struct Directory {
    char *path; /* absolute */
    bool is_in_memory;
    bool is_made;
    int problem; /* errno of the error for which it cannot be used, or 0 */
} Directory;

struct DagRunFiles {
    GMutex lock;
    Directory directories[MAX_DIRECTORIES]; /* [n_directories]; protected by lock */
    size_t n_directories;
    uint64_t n_bytes_in_memory; /* protected by lock */
    /* Of name to path: the files of dag_run_files_add_empty(); protected by lock. */
    GHashTable *empty;
    /* Of text to path: the files of dag_run_files_add_text(); protected by lock. */
    GHashTable *texts;
};

static void
add_directory(DagRunFiles *files, const char *base, const char *name, bool is_in_memory)
{
    Directory *directory = &files->directories[files->n_directories++];

    *directory = (Directory){.path = g_build_filename(base, name, NULL),
                             .is_in_memory = is_in_memory};
}

DagRunFiles *
dag_run_files_new(void)
{
    DagRunFiles *files = g_new0(DagRunFiles, 1);
    const char *runtime = g_getenv("XDG_RUNTIME_DIR");
    const char *temporary[DAG__N_TEMPORARY];
    g_autofree char *name = g_strdup_printf("dagrun-%d-%08x%08x", (int)getpid(),
                                            g_random_int(), g_random_int());

    g_mutex_init(&files->lock);
    files->texts = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    files->empty = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (runtime && g_path_is_absolute(runtime))
        add_directory(files, runtime, name, true);
    add_directory(files, "/dev/shm", name, true);
    dag__temporary_directories(temporary);
    for (size_t i = 0; temporary[i]; i++)
        add_directory(files, temporary[i], name, false);
    return files;
}

void
dag_run_files_free(DagRunFiles *files)
{
    if (!files)
        return;
    for (size_t i = 0; i < files->n_directories; i++)
        g_free(files->directories[i].path);
    g_hash_table_unref(files->empty);
    g_hash_table_unref(files->texts);
    g_mutex_clear(&files->lock);
    g_free(files);
}

/* nftw() calls it for the entries of a directory before the directory. */
static int
remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    remove(path);
    return 0;
}

void
dag_run_files_remove(DagRunFiles *files)
{
    g_return_if_fail(files);
    for (size_t i = 0; i < files->n_directories; i++) {
        const char *path = files->directories[i].path;
        struct stat info;

        /* Another user may have made a directory with this name, once the run's was seen. */
        if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid())
            nftw(path, remove_entry, MAX_OPEN, FTW_PHYS | FTW_DEPTH | FTW_MOUNT);
    }
}

static mode_t
mode_for(DagReaders readers, mode_t user, mode_t group, mode_t all)
{
    return readers == DAG_READERS_ALL ? all : readers == DAG_READERS_GROUP ? group : user;
}

/* Return an errno for which no directory can be made in `base`, or 0. */
static int
check_base(const Directory *directory, const char *base, DagReaders readers)
{
    struct stat info;
    struct statfs system;
    mode_t needed = mode_for(readers, 0, S_IXGRP | S_IXOTH, S_IXOTH);

    if (stat(base, &info) < 0)
        return errno;
    if (needed && (info.st_mode & needed) == 0)
        return EACCES;
    if (!directory->is_in_memory)
        return 0;
    if (statfs(base, &system) < 0)
        return errno;
    return system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC ? 0 : ENOTSUP;
}

/* Make a directory, if it was not made before.  Returns: false if it cannot be used. */
static bool
make_directory_locked(Directory *directory, DagReaders readers)
{
    g_autofree char *base = NULL;

    if (directory->is_made || directory->problem)
        return directory->is_made;
    base = g_path_get_dirname(directory->path);
    directory->problem = check_base(directory, base, readers);
    if (directory->problem)
        return false;
    /* chmod(), since the mode of mkdir() is subject to the umask. */
    directory->is_made = mkdir(directory->path, 0700) == 0 &&
                         chmod(directory->path, mode_for(readers, 0700, 0750, 0755)) == 0;
    if (!directory->is_made)
        directory->problem = errno;
    return directory->is_made;
}

/* Return whether `size` bytes more may be in this directory, which is in memory. */
static bool
has_room_locked(const DagRunFiles *files, const Directory *directory, uint64_t size)
{
    struct statfs system;

    /* A task may need very many outputs that are empty. */
    return size == 0 ||
           (files->n_bytes_in_memory + size <= MAX_IN_MEMORY &&
            statfs(directory->path, &system) == 0 &&
            (uint64_t)system.f_bavail * (uint64_t)system.f_bsize >= size + SPARE_MEMORY);
}

/* Prepare a directory for `size` bytes.  Returns: false with errno set. */
static bool
take_directory(DagRunFiles *files, Directory *directory, DagReaders readers, uint64_t size)
{
    int problem = 0;

    dag__lock(&files->lock);
    if (!make_directory_locked(directory, readers))
        problem = directory->problem;
    else if (directory->is_in_memory && !has_room_locked(files, directory, size))
        problem = ENOSPC;
    else if (directory->is_in_memory)
        files->n_bytes_in_memory += size;
    dag__unlock(&files->lock);
    errno = problem;
    return problem == 0;
}

/* Give the content a file at `path`, which must not exist.  Returns: false with errno set. */
typedef bool (*MakeFile)(const RunFile *file, const char *path);

/* Give the file a name in a directory.
 * Returns: its path, to be freed with g_free(); NULL with errno set. */
static char *
make_in(const Directory *directory, const RunFile *file, MakeFile make)
{
    for (unsigned n = 1; n <= MAX_NUMBER; n++) {
        g_autofree char *number = n > 1 ? g_strdup_printf("%u", n) : NULL;
        g_autofree char *at = g_build_filename(directory->path, number, NULL);
        g_autofree char *path = g_build_filename(at, file->name, NULL);

        if (number && mkdir(at, 0700) == 0)
            chmod(at, mode_for(file->readers, 0700, 0750, 0755));
        if (make(file, path))
            return g_steal_pointer(&path);
        if (errno != EEXIST)
            break;
    }
    return NULL;
}

/* Give the file that the content has already a name (MakeFile). */
static bool
link_file(const RunFile *file, const char *path)
{
    int fd = dag__spool_nameless(file->content);
    g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);

    if (fchmod(fd, mode_for(file->readers, 0600, 0640, 0644)) < 0)
        return false;
    return linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

/* Write a piece of the content to the descriptor `data` points to (DagSpoolTaker). */
static bool
write_piece(const char *bytes, uint64_t size, void *data)
{
    int *fd = data;

    if (bytes && dag__write_file(*fd, bytes, size) == size)
        return true;
    *fd = -1;
    return false;
}

/* Write the content.  Returns: false with errno set. */
static bool
write_content(int fd, DagSpool *content)
{
    int target = fd;
    int problem = content ? dag_spool_read(content, write_piece, &target) : 0;

    if (problem)
        errno = problem;
    return problem == 0 && target >= 0;
}

/* Write the content to a new file (MakeFile). */
static bool
copy_file(const RunFile *file, const char *path)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    mode_t mode = mode_for(file->readers, 0600, 0640, 0644);
    int fd = open(path, flags, 0600);
    bool good;

    if (fd < 0)
        return false;
    good = fchmod(fd, mode) == 0 && write_content(fd, file->content);
    if (!good) {
        int saved = errno;

        unlink(path);
        errno = saved == EEXIST ? EIO : saved;
    }
    close(fd);
    return good;
}

/* Try all directories.  Returns: NULL, with the directory that was tried last and errno set. */
static char *
make_somewhere(DagRunFiles *files, const RunFile *file, MakeFile make,
               const Directory **tried_out)
{
    uint64_t size = file->content ? dag_spool_size(file->content) : 0;
    char *path = NULL;

    for (size_t i = 0; i < files->n_directories && !path; i++) {
        Directory *directory = &files->directories[i];

        /* A large output does not belong in memory, and its file cannot be linked there. */
        if (directory->is_in_memory && (make == link_file || size > DAG__SPOOL_MEMORY))
            continue;
        *tried_out = directory;
        if (take_directory(files, directory, file->readers, size))
            path = make_in(directory, file, make);
    }
    return path;
}

char *
dag__run_files_add(DagRunFiles *files, const RunFile *file, GError **error)
{
    const Directory *tried = &files->directories[0];
    char *path = NULL;

    if (file->content && dag__spool_nameless(file->content) >= 0)
        path = make_somewhere(files, file, link_file, &tried);
    if (!path)
        path = make_somewhere(files, file, copy_file, &tried);
    if (!path)
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot make a file in \"%s\": %s",
                    tried->path, g_strerror(errno));
    return path;
}

/* Return the path of the empty file `name`, if it was made and still is empty; else NULL. */
static char *
find_empty(DagRunFiles *files, const char *name)
{
    struct stat info;
    char *path;

    dag__lock(&files->lock);
    path = g_strdup(g_hash_table_lookup(files->empty, name));
    dag__unlock(&files->lock);
    if (path && lstat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == 0)
        return path;
    g_free(path);
    return NULL;
}

char *
dag_run_files_add_empty(DagRunFiles *files, const char *name, DagReaders readers,
                        GError **error)
{
    g_return_val_if_fail(files && name && *name, NULL);

    char *path = find_empty(files, name);

    if (path)
        return path;

    g_autofree char *harmless = dag__harmless_name(name);

    path =
        dag__run_files_add(files, &(RunFile){.name = harmless, .readers = readers}, error);
    if (!path)
        return NULL;
    dag__lock(&files->lock);
    g_hash_table_insert(files->empty, g_strdup(name), g_strdup(path));
    dag__unlock(&files->lock);
    return path;
}
char *
dag_run_files_add_text(DagRunFiles *files, const char *name, const char *text,
                       DagReaders readers, GError **error)
{
    g_return_val_if_fail(files && name && *name && text, NULL);

    g_autofree char *harmless = dag__harmless_name(name);
    DagSpool *content;
    char *path;

    dag__lock(&files->lock);
    path = g_strdup(g_hash_table_lookup(files->texts, text));
    dag__unlock(&files->lock);
    if (path)
        return path;
    content = dag__spool_new();
    dag__spool_write(content, text, strlen(text));
    dag__spool_finish(content);
    path = dag__run_files_add(
        files, &(RunFile){.name = harmless, .readers = readers, .content = content}, error);
    dag__spool_free(content);
    if (!path)
        return NULL;
    dag__lock(&files->lock);
    g_hash_table_insert(files->texts, (gpointer)text, g_strdup(path));
    dag__unlock(&files->lock);
    return path;
}
