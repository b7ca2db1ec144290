/* SPDX-License-Identifier: MIT */
/*
 * The scripts mostly use shell builtins: a case has many tasks and should take a few milliseconds.
 */
#include "chore.h"

#include <glib.h>

/* Count in n the words read, each of which must be the name of SOURCE; then check n. */
#define EACH_WORD "do [ \"$word\" = \"$SOURCE\" ] || exit 99; n=$((n + 1)); done"
#define CHECK_COUNT                                                                        \
    "[ \"$n\" -ge \"$LEAST\" ] || exit 99\n"                                               \
    "[ \"$MOST\" -lt 0 ] || [ \"$n\" -le \"$MOST\" ] || exit 99\n"                         \
    "echo \"$ME\"\nexit \"$CODE\"\n"

static const char say[] = "echo \"$ME\"; exit \"$CODE\"";
static const char say_by_program[] = "sh -c 'echo \"$ME\"; exit \"$CODE\"'";
static const char nap[] = "echo \"$ME\"; sleep 0.002; exit \"$CODE\"";
static const char chat[] = "n=0\nwhile [ $n -lt 300 ]; do\n"
                           "  echo \"$ME\"; echo \"$ME complains about nothing\" >&2\n"
                           "  n=$((n + 1))\ndone\nexit \"$CODE\"\n";
/* More than the capacity of a pipe. */
static const char flood[] =
    "head -c 150000 /dev/zero | tr '\\0' x >&2; echo \"$ME\"; exit \"$CODE\"";
static const char fickle[] =
    "n=0; [ ! -e \"$ME.tries\" ] || read -r n < \"$ME.tries\" || n=0\n"
    "echo $((n + 1)) > \"$ME.tries\"\n"
    "if [ \"$n\" -lt \"$BAD\" ]; then echo \"$ME\"; exit 7; fi\n"
    "[ \"$MUTE\" ] || echo \"$ME\"\n"
    "exit \"$CODE\"\n";
static const char die[] = "echo \"$ME\"; kill -KILL $$";
static const char hang[] = "echo \"$ME\"; sleep 1000";
static const char ignore_signals[] =
    "trap '' TERM INT HUP; echo \"$ME\"; while :; do sleep 0.02; done";
static const char exit_on_term[] =
    "trap 'exit 0' TERM; echo \"$ME\"; while :; do sleep 0.01; done";
static const char stop_itself[] = "echo \"$ME\"; kill -STOP $$; sleep 1000";
static const char leave[] = "sleep 1000 & echo \"$ME\"; exit \"$CODE\"";
static const char leave_session[] = "setsid sleep 1000 & echo \"$ME\"; exit \"$CODE\"";
static const char leave_ignoring[] =
    "(trap '' TERM; exec sleep 1000) & echo \"$ME\"; exit \"$CODE\"";
static const char leave_printing[] =
    "(trap '' PIPE; while :; do echo \"$ME\"; sleep 0.005; "
    "done) & echo \"$ME\"; exit \"$CODE\"";
static const char read_file[] =
    "eval \"file=\\$$SOURCE\"; n=0\n"
    "while read -r word; " EACH_WORD " < \"$file\"\n" CHECK_COUNT;
static const char read_input[] = "n=0\nwhile read -r word; " EACH_WORD "\n" CHECK_COUNT;
static const char read_argument[] = "n=0\nfor word in $1; " EACH_WORD "\n" CHECK_COUNT;

static const Chore chores[] = {
    /* name, weight, element, text, source, lines, code */
    {"nothing", 3, ELEMENT_NONE, NULL, SOURCE_NONE, 0, CODE_NONE, false, false},
    {"noop", 6, ELEMENT_NOOP, NULL, SOURCE_NONE, 0, CODE_NONE, false, false},
    {"sleep", 4, ELEMENT_SLEEP, "700us", SOURCE_NONE, 0, CODE_NONE, false, false},
    {"sleep on", 2, ELEMENT_SLEEP, "3ms", SOURCE_NONE, 0, CODE_NONE, false, false},
    {"spin", 8, ELEMENT_SPIN, "2us", SOURCE_NONE, 0, CODE_NONE, false, false},
    {"spin on", 2, ELEMENT_SPIN, "1ms", SOURCE_NONE, 0, CODE_NONE, false, false},
    {"say", 20, ELEMENT_SHELL, say, SOURCE_NONE, 1, CODE_OWN, false, false},
    {"say by program", 4, ELEMENT_EXEC, say_by_program, SOURCE_NONE, 1, CODE_OWN, false,
     false},
    {"nap", 6, ELEMENT_SHELL, nap, SOURCE_NONE, 1, CODE_OWN, false, false},
    {"chat", 4, ELEMENT_SHELL, chat, SOURCE_NONE, 300, CODE_OWN, false, false},
    {"flood", 2, ELEMENT_SHELL, flood, SOURCE_NONE, 1, CODE_OWN, false, false},
    {"fickle", 12, ELEMENT_SHELL, fickle, SOURCE_NONE, 1, CODE_OWN, false, true},
    {"die", 2, ELEMENT_SHELL, die, SOURCE_NONE, 1, 128 + 9, false, false},
    {"no program", 1, ELEMENT_EXEC, "no-such-program", SOURCE_NONE, 0, CODE_NONE, false,
     false},
    {"sleep for ever", 2, ELEMENT_SLEEP, "1000s", SOURCE_NONE, 0, CODE_NONE, true, false},
    {"spin for ever", 1, ELEMENT_SPIN, "1000s", SOURCE_NONE, 0, CODE_NONE, true, false},
    {"hang", 3, ELEMENT_SHELL, hang, SOURCE_NONE, 1, CODE_OWN, true, false},
    {"ignore signals", 1, ELEMENT_SHELL, ignore_signals, SOURCE_NONE, 1, CODE_OWN, true,
     false},
    {"exit on SIGTERM", 2, ELEMENT_SHELL, exit_on_term, SOURCE_NONE, 1, CODE_OWN, true,
     false},
    {"stop itself", 1, ELEMENT_SHELL, stop_itself, SOURCE_NONE, 1, CODE_OWN, true, false},
    {"leave", 1, ELEMENT_SHELL, leave, SOURCE_NONE, 1, CODE_OWN, false, false},
    {"leave a session", 1, ELEMENT_SHELL, leave_session, SOURCE_NONE, 1, CODE_OWN, false,
     false},
    {"leave one that ignores SIGTERM", 1, ELEMENT_SHELL, leave_ignoring, SOURCE_NONE, 1,
     CODE_OWN, false, false},
    {"leave one that prints", 1, ELEMENT_SHELL, leave_printing, SOURCE_NONE, LINES_ANY,
     CODE_OWN, false, false},
    {"read a file", 20, ELEMENT_SHELL, read_file, SOURCE_FILE, 1, CODE_OWN, false, false},
    {"read input", 20, ELEMENT_SHELL, read_input, SOURCE_INPUT, 1, CODE_OWN, false, false},
    {"read an argument", 20, ELEMENT_EXEC, read_argument, SOURCE_ARGUMENT, 1, CODE_OWN,
     false, false},
};

const Chore *
chore_draw(Dice *dice, bool may_read, bool may_hang)
{
    uint32_t total = 0, ticket;
    const Chore *chore = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(chores); i++)
        total += chores[i].weight;
    /* Draw again if the chore is not allowed; most are. */
    do {
        ticket = dice_below(dice, total);
        for (chore = chores; ticket >= chore->weight; chore++)
            ticket -= chore->weight;
    } while ((chore->source && !may_read) || (chore->hangs && !may_hang));
    return chore;
}
