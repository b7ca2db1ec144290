/* SPDX-License-Identifier: MIT */
#include "chat-progress.h"

#include "chat-usage.h"

/* Of one event, as for the answer itself. */
#define MAX_EVENT ((size_t)1 << 20)

/* A StreamEventHandler. */
static bool
add_event(const StreamEvent *event, void *answer)
{
    return dag__chat_answer_add_piece(answer, event->data, event->size);
}

void
chat_progress_clear(ChatProgress *progress)
{
    if (!progress->is_begun)
        return;
    dag__event_stream_clear(&progress->stream);
    dag__chat_answer_clear(&progress->answer);
    progress->is_begun = false;
}

uint64_t
chat_progress_add(ChatProgress *progress, const char *bytes, size_t size)
{
    const ChatAnswer *answer = &progress->answer;

    if (!progress->is_begun) {
        dag__chat_answer_init(&progress->answer);
        dag__event_stream_init(&progress->stream, MAX_EVENT, add_event, &progress->answer);
        progress->is_begun = true;
    }
    dag__event_stream_add(&progress->stream, bytes, size);
    if (answer->usage.is_known && answer->usage.output > 0)
        return answer->usage.output;
    return chat_estimate_text(answer->text->len) + chat_estimate_text(answer->refusal->len);
}
