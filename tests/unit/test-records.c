/* SPDX-License-Identifier: MIT */
#include "record/records.h"

#include "dice.h"

static void
test_a_task_without_a_record_never_ran(void)
{
    Records records;

    dag__records_init(&records, 3, 2);
    for (DagTaskId id = 0; id < 3; id++) {
        g_assert_cmpuint(records_get(&records, id)->n_attempts, ==, 0);
        g_assert_cmpuint(records_get(&records, id)->outcome, ==, 0);
    }
    dag__records_clear(&records);
}

/* Random order of tasks and writers: each task has the record that was written for it. */
static void
test_each_task_has_its_own_record(void)
{
    enum { N_TASKS = 5000, N_WRITERS = 7 };

    Dice dice = 1;
    Records records;
    RecordWriter writers[N_WRITERS];
    g_autofree DagTaskId *order = g_new(DagTaskId, N_TASKS);

    dag__records_init(&records, N_TASKS, N_WRITERS);
    for (unsigned i = 0; i < N_WRITERS; i++)
        writers[i] = record_writer_of(&records);
    for (DagTaskId id = 0; id < N_TASKS; id++) {
        DagTaskId other = dice_below(&dice, id + 1);

        order[id] = order[other];
        order[other] = id;
    }
    for (unsigned i = 0; i < N_TASKS; i++) {
        RecordWriter *writer = &writers[dice_below(&dice, N_WRITERS)];

        *record_writer_add(writer, order[i]) =
            (Record){.start_ns = order[i], .end_ns = i, .n_attempts = 1};
    }
    for (unsigned i = 0; i < N_TASKS; i++) {
        const Record *record = records_get(&records, order[i]);

        g_assert_cmpint(record->start_ns, ==, order[i]);
        g_assert_cmpint(record->end_ns, ==, i);
    }
    dag__records_clear(&records);
}

/* The largest number of blocks: each writer begins one, and one writer fills the rest. */
static void
test_the_array_fits_a_block_of_each_writer(void)
{
    enum { N_TASKS = 2 * RECORDS_PER_BLOCK + 3, N_WRITERS = 3 };

    Records records;
    RecordWriter writers[N_WRITERS];

    dag__records_init(&records, N_TASKS, N_WRITERS);
    for (unsigned i = 0; i < N_WRITERS; i++)
        writers[i] = record_writer_of(&records);
    for (DagTaskId id = 0; id < N_TASKS; id++)
        *record_writer_add(&writers[id < N_WRITERS ? id : 0], id) =
            (Record){.end_ns = id, .n_attempts = 1};
    for (DagTaskId id = 0; id < N_TASKS; id++) {
        g_assert_cmpint(records_get(&records, id)->end_ns, ==, id);
        g_assert_cmpuint(records.index_of[id], <,
                         1 + N_TASKS + N_WRITERS * RECORDS_PER_BLOCK);
    }
    dag__records_clear(&records);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/records/a-task-without-a-record-never-ran",
                    test_a_task_without_a_record_never_ran);
    g_test_add_func("/records/each-task-has-its-own-record",
                    test_each_task_has_its_own_record);
    g_test_add_func("/records/the-array-fits-a-block-of-each-writer",
                    test_the_array_fits_a_block_of_each_writer);
    return g_test_run();
}
