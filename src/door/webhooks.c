/* SPDX-License-Identifier: Apache-2.0 */
#include "door/webhooks.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/webhook.h"
#include "base/fd.h"
#include "base/log.h"
#include "door/jobs.h"
#include "door/recall.h"
#include "door/sign.h"
#include "engine/queue.h"
#include "ipc/channel.h"

#define BUCKETS	     1024 /* a power of two */
#define UNBOUNDED    (UINT64_MAX / 2)
#define MARK_NEW     1
#define ACTIVE_MAX   16 /* at once; role/courier.c takes more */
#define AGAIN_NS     (1000 * NS_PER_MS)
#define PAUSE_MAX_MS 3600000ull
#define HEAD_BYTES   KIB

struct webhook {
	struct queue_entry queue; /* while it is due and not begun */
	struct list_node
	    node; /* on webhooks->active from then on, until it is due again or done with */
	struct webhook *next; /* in its bucket */
	struct webhooks *all;
	struct key *key;
	char id[ID_BYTES];
	uint32_t mark;	 /* as the store has it: tried mark - 1 times */
	uint64_t number; /* of its parcel; 0: the courier does not have it */
	struct document_wait wait;
	struct buf order;  /* while it is sent: api/webhook.h */
	struct buf ending; /* what the store is to keep of it in the end */
	struct timer timer;
};

struct webhooks {
	struct door *door;
	struct channel *courier; /* NULL while there is none */
	struct webhook *buckets[BUCKETS];
	struct fair_queue due;
	struct list active;
	uint64_t last_number;
	struct timer timer;
	struct recall recall;
	struct webhooks_counters counters;
};

static void recall_one(struct recall *recall, const struct document *document);
static void all_recalled(struct recall *recall);

struct webhooks *webhooks_create(struct door *door)
{
	struct webhooks *webhooks = calloc(1, sizeof(*webhooks));

	if (!webhooks)
		return NULL;
	webhooks->door = door;
	webhooks->recall = (struct recall){.door = door,
					   .kind = DOCUMENT_WEBHOOK,
					   .take = recall_one,
					   .all_taken = all_recalled};
	queue_init(&webhooks->due, KEY_LINE_WEBHOOKS, UNBOUNDED, UNBOUNDED);
	list_init(&webhooks->active);
	return webhooks;
}

/* --- the table --- */

static void with_prefix(char out[static ID_BYTES], const char *prefix, const char *id)
{
	const char *number = strchr(id, '_');

	snprintf(out, ID_BYTES, "%.4s%.26s", prefix, number ? number + 1 : id);
}

void webhook_id_of(char out[static ID_BYTES], const char *job_id)
{
	with_prefix(out, "whk_", job_id);
}

static void job_id_of(char out[static ID_BYTES], const struct webhook *webhook)
{
	with_prefix(out, "exe_", webhook->id);
}

static struct webhook **link_of(struct webhooks *webhooks, const char *id)
{
	struct webhook **link = &webhooks->buckets[slice_hash(slice_from(id)) & (BUCKETS - 1)];

	while (*link && strcmp((*link)->id, id) != 0)
		link = &(*link)->next;
	return link;
}

static void go_on_soon(struct webhooks *webhooks);

/* It is due; one that is known already is not made twice. */
static void create(struct webhooks *webhooks, struct key *key, const char *id, uint32_t mark)
{
	struct webhook **link = link_of(webhooks, id);
	struct webhook *webhook = *link ? NULL : calloc(1, sizeof(*webhook));

	if (*link)
		return;
	if (!webhook)
		fatal("no_memory", "what=webhook");
	webhook->all = webhooks;
	webhook->key = key;
	webhook->mark = mark;
	webhook->wait.background = true;
	snprintf(webhook->id, sizeof(webhook->id), "%s", id);
	buf_init(&webhook->order, DOCUMENT_BYTES_MAX);
	buf_init(&webhook->ending, 2 * HEAD_BYTES);
	*link = webhook;
	webhooks->counters.waiting++;
	queue_push(&webhooks->due, &webhook->queue, key, 0);
	go_on_soon(webhooks);
}

static void destroy(struct webhook *webhook)
{
	struct webhooks *webhooks = webhook->all;

	*link_of(webhooks, webhook->id) = webhook->next;
	webhooks->counters.waiting--;
	list_remove(&webhooks->active, &webhook->node);
	documents_end(&webhook->wait);
	buf_finish(&webhook->order);
	buf_finish(&webhook->ending);
	free(webhook);
	go_on_soon(webhooks);
}

/* --- later --- */

static void on_due(struct timer *timer)
{
	struct webhook *webhook = container_of(timer, struct webhook, timer);

	queue_push(&webhook->all->due, &webhook->queue, webhook->key, 0);
	go_on_soon(webhook->all);
}

static void wait_for(struct webhook *webhook, uint64_t pause_ns)
{
	documents_end(&webhook->wait);
	buf_finish(&webhook->order);
	webhook->number = 0;
	list_remove(&webhook->all->active, &webhook->node);
	loop_timer_set(webhook->all->door->loop, &webhook->timer, clock_now_ns() + pause_ns,
		       on_due);
	go_on_soon(webhook->all);
}

static uint64_t pause_of(const struct webhook *webhook)
{
	uint64_t pause_ms = webhook->all->door->config->webhook_retry_ms;

	for (uint32_t tried = webhook->mark - MARK_NEW; tried > 1 && pause_ms < PAUSE_MAX_MS;
	     tried--)
		pause_ms *= 2;
	return MIN_OF(pause_ms, PAUSE_MAX_MS) * NS_PER_MS;
}

/* --- done with --- */

static void send_ending(struct webhook *webhook);

static void on_ending_due(struct timer *timer)
{
	send_ending(container_of(timer, struct webhook, timer));
}

static void send_ending_again(struct webhook *webhook)
{
	loop_timer_set(webhook->all->door->loop, &webhook->timer, clock_now_ns() + AGAIN_NS,
		       on_ending_due);
}

static void on_ended(struct document_wait *wait)
{
	struct webhook *webhook = container_of(wait, struct webhook, wait);
	const int code = wait->code;

	documents_end(wait);
	if (code == 0)
		destroy(webhook);
	else
		send_ending_again(webhook);
}

static void send_ending(struct webhook *webhook)
{
	struct msg_document_ask msg = {.op = DOCUMENT_PUT};

	webhook->wait.fn = on_ended;
	if (documents_ask(&webhook->wait, webhook->all->door, webhook->key, &msg,
			  buf_slice(&webhook->ending), NULL) < 0)
		send_ending_again(webhook);
}

static void write_ending(struct webhook *webhook, const char *state, uint32_t status,
			 const char *reason)
{
	struct document document = {.kind = DOCUMENT_WEBHOOK};
	_buf_finish_ struct buf head;
	struct json_writer w;

	buf_init(&head, HEAD_BYTES);
	json_writer_init(&w, &head);
	json_object_open(&w, NULL);
	json_put_text(&w, "state", state);
	json_put_u64(&w, "attempts", webhook->mark - MARK_NEW);
	if (status)
		json_put_u64(&w, "http_status", status);
	if (reason[0])
		json_put_bytes(&w, "reason", slice_from(reason));
	json_object_close(&w);
	json_writer_finish(&w);
	memcpy(document.id, webhook->id, sizeof(document.id));
	job_id_of(document.parent, webhook);
	document.head = buf_slice(&head);
	document.expires_ms = clock_wall_ms() + webhook->all->door->config->job_time_ms;
	if (document_write(&webhook->ending, &document) < 0)
		fatal("no_memory", "what=webhook");
}

static void end(struct webhook *webhook, const char *state, uint32_t status, const char *reason)
{
	documents_end(&webhook->wait);
	webhook->number = 0;
	write_ending(webhook, state, status, reason);
	send_ending(webhook);
}

/* --- what came of it --- */

static bool is_success(const struct msg_delivered *msg)
{
	return msg->outcome == DELIVERY_ANSWERED && msg->status >= 200 && msg->status < 300;
}

/* 410: the receiver wants no more. An address that is refused is refused tomorrow as well. */
static bool is_final(const struct webhook *webhook, const struct msg_delivered *msg)
{
	return msg->outcome == DELIVERY_REFUSED ||
	       (msg->outcome == DELIVERY_ANSWERED && msg->status == 410) ||
	       webhook->mark - MARK_NEW >= webhook->all->door->config->webhook_attempts_max;
}

static void judge(struct webhook *webhook, const struct msg_delivered *msg)
{
	struct webhooks *webhooks = webhook->all;
	uint32_t status = msg->outcome == DELIVERY_ANSWERED ? msg->status : 0;
	char reason[MSG_TEXT_BYTES];

	snprintf(reason, sizeof(reason), "%.*s", MSG_TEXT_BYTES - 1, msg->text);
	if (is_success(msg)) {
		webhooks->counters.delivered++;
		end(webhook, "delivered", status, "");
	} else if (is_final(webhook, msg)) {
		webhooks->counters.failed++;
		end(webhook, "failed", status, reason);
	} else {
		wait_for(webhook, pause_of(webhook));
	}
}

void webhooks_delivered(struct webhooks *webhooks, const struct msg_delivered *msg)
{
	struct webhook *webhook;

	list_foreach(&webhooks->active, webhook,
		     node) if (webhook->number && webhook->number == msg->number)
	{
		judge(webhook, msg);
		return;
	}
}

/* --- sending --- */

static bool has_line_break(struct slice text)
{
	return memchr(text.data, '\n', text.len) || memchr(text.data, '\r', text.len);
}

static int write_parcel(struct buf *out, const struct webhook *webhook,
			const struct webhook_order *order, struct slice body)
{
	uint64_t time_s = clock_wall_ms() / 1000;
	char signature[SIGNATURE_BYTES];
	int rc = has_line_break(order->url) ? -ERR_STORE : 0;

	if (rc == 0)
		rc = buf_printf(
		    out,
		    "%.*s\nContent-Type: application/json\nUser-Agent: Sandglass/" SANDGLASS_VERSION
		    "\nExpect:\nwebhook-id: %s\nwebhook-timestamp: %llu\n",
		    (int)order->url.len, order->url.data, webhook->id, (unsigned long long)time_s);
	if (rc == 0 && order->secret.data)
		rc = sign_webhook(signature, order->secret, webhook->id, time_s, body);
	if (rc == 0 && order->secret.data)
		rc = buf_printf(out, "webhook-signature: %s\n", signature);
	if (rc == 0)
		rc = buf_append(out, "\n", 1);
	return rc < 0 ? rc : buf_append(out, body.data, body.len);
}

static int give_to_courier(struct webhook *webhook, struct slice parcel)
{
	struct webhooks *webhooks = webhook->all;
	struct msg_parcel msg = {.number = ++webhooks->last_number};
	int fd = webhooks->courier ? fd_sealed_copy("parcel", parcel.data, parcel.len) : -1;

	if (fd < 0)
		return -ERR_UNAVAILABLE;
	webhook->number = msg.number;
	return channel_send(webhooks->courier, MSG_COURIER_SEND, &msg, &fd, 1);
}

/* 0: the courier has it. SEND_*: there is nothing to send. Or a negative code. */
enum { SEND_UNWANTED = 1, SEND_TOO_EARLY };

static int send_one(struct webhook *webhook, const struct document *job)
{
	_buf_finish_ struct buf body, parcel;
	struct webhook_order order;
	struct yyjson_doc *doc = NULL;

	buf_init(&body, PARCEL_BYTES_MAX);
	buf_init(&parcel, PARCEL_BYTES_MAX);
	enum execution_state state = webhook_write_body(&body, job->head, job->body);
	int rc = state == EXECUTION_STATES
		     ? -ERR_STORE
		     : webhook_read_order(buf_slice(&webhook->order), &order, &doc);
	if (rc == 0 && !execution_has_ended(state))
		rc = SEND_TOO_EARLY;
	else if (rc == 0 && !(order.events >> state & 1))
		rc = SEND_UNWANTED;
	if (rc == 0)
		rc = write_parcel(&parcel, webhook, &order, buf_slice(&body));
	if (rc == 0)
		rc = give_to_courier(webhook, buf_slice(&parcel));
	json_free(doc);
	return rc;
}

/* What cannot be done for a reason of ours counts as tried: it must come to an end. */
static void fail(struct webhook *webhook, const char *text)
{
	struct msg_delivered msg = {.outcome = DELIVERY_FAILED};

	snprintf(msg.text, sizeof(msg.text), "%s", text);
	judge(webhook, &msg);
}

static void on_job(struct document_wait *wait)
{
	struct webhook *webhook = container_of(wait, struct webhook, wait);
	struct slice bytes = buf_slice(&wait->bytes);
	struct document job;
	int rc = wait->code;

	if (rc == 0 && document_next(&bytes, &job) <= 0)
		rc = -ERR_STORE;
	if (rc == 0)
		rc = send_one(webhook, &job);
	documents_end(wait);
	if (rc == SEND_UNWANTED)
		end(webhook, "unwanted", 0, "");
	else if (rc == SEND_TOO_EARLY)
		destroy(webhook); /* it is due when the job has ended */
	else if (rc == -ERR_NOT_FOUND)
		end(webhook, "failed", 0, "The result is not kept any more.");
	else if (rc == -ERR_UNAVAILABLE)
		wait_for(webhook, AGAIN_NS);
	else if (rc < 0)
		fail(webhook, "It could not be made.");
}

/* It has been tried otherwise than we know: by the database's word. */
static void on_looked(struct document_wait *wait)
{
	struct webhook *webhook = container_of(wait, struct webhook, wait);
	struct slice bytes = buf_slice(&wait->bytes);
	struct document document;
	const int code = wait->code;
	bool there = code == 0 && document_next(&bytes, &document) > 0;

	documents_end(wait);
	if (code == -ERR_NOT_FOUND || (there && document.mark == 0)) {
		destroy(webhook);
		return;
	}
	if (there)
		webhook->mark = (uint32_t)document.mark;
	wait_for(webhook, AGAIN_NS);
}

static void look(struct webhook *webhook)
{
	struct msg_document_ask msg = {.op = DOCUMENT_GET, .kind = DOCUMENT_WEBHOOK};

	document_id_copy(msg.id, slice_from(webhook->id));
	webhook->wait.fn = on_looked;
	if (documents_ask(&webhook->wait, webhook->all->door, webhook->key, &msg, (struct slice){0},
			  NULL) < 0)
		wait_for(webhook, AGAIN_NS);
}

static void on_claimed(struct document_wait *wait)
{
	struct webhook *webhook = container_of(wait, struct webhook, wait);
	struct msg_document_ask msg = {.op = DOCUMENT_GET, .kind = DOCUMENT_JOB};
	struct slice bytes = buf_slice(&wait->bytes);
	struct document document;
	const int code = wait->code;
	int rc = code;

	if (rc == 0 && document_next(&bytes, &document) > 0)
		rc = buf_append(&webhook->order, document.body.data, document.body.len);
	documents_end(wait);
	if (code == 0)
		webhook->mark++;
	webhook->wait.fn = on_job;
	job_id_of(msg.id, webhook);
	if (code == -ERR_NOT_FOUND)
		destroy(webhook);
	else if (code == -ERR_CONFLICT)
		look(webhook);
	else if (rc < 0 || documents_ask(&webhook->wait, webhook->all->door, webhook->key, &msg,
					 (struct slice){0}, NULL) < 0)
		wait_for(webhook, AGAIN_NS);
}

static void begin(struct webhook *webhook)
{
	struct msg_document_ask msg = {.op = DOCUMENT_CLAIM, .kind = DOCUMENT_WEBHOOK};

	list_push_back(&webhook->all->active, &webhook->node);
	msg.mark_from = webhook->mark;
	msg.mark_to = webhook->mark + 1;
	document_id_copy(msg.id, slice_from(webhook->id));
	webhook->wait.fn = on_claimed;
	if (documents_ask(&webhook->wait, webhook->all->door, webhook->key, &msg, (struct slice){0},
			  NULL) < 0)
		wait_for(webhook, AGAIN_NS);
}

static void go_on(struct timer *timer)
{
	struct webhooks *webhooks = container_of(timer, struct webhooks, timer);
	struct queue_entry *entry;

	while (webhooks->courier && webhooks->door->store && webhooks->active.len < ACTIVE_MAX &&
	       (entry = queue_pop(&webhooks->due, 1)))
		begin(container_of(entry, struct webhook, queue));
}

static void go_on_soon(struct webhooks *webhooks)
{
	if (!webhooks->timer.place)
		loop_timer_set(webhooks->door->loop, &webhooks->timer, clock_now_ns(), go_on);
}

void webhooks_due(struct webhooks *webhooks, struct key *key, const char *job_id)
{
	char id[ID_BYTES];

	webhook_id_of(id, job_id);
	create(webhooks, key, id, MARK_NEW);
}

void webhooks_attach(struct webhooks *webhooks, struct channel *courier)
{
	struct webhook *webhook;

	webhooks->courier = courier;
	list_foreach(&webhooks->active, webhook, node) if (webhook->number) /* the last one's */
	    fail(webhook, "The courier was restarted.");
	if (courier)
		go_on_soon(webhooks);
}

/* --- what an earlier process has left --- */

/* Whose job has not ended is due when it has. */
static void recall_one(struct recall *recall, const struct document *document)
{
	struct webhooks *webhooks = container_of(recall, struct webhooks, recall);
	struct key *key = keyring_find_id(webhooks->door->keys, document->parent);
	char job_id[ID_BYTES];

	with_prefix(job_id, "exe_", document->id);
	if (key && !jobs_find(webhooks->door->jobs, key, job_id))
		create(webhooks, key, document->id, (uint32_t)document->mark);
}

static void all_recalled(struct recall *recall)
{
	go_on_soon(container_of(recall, struct webhooks, recall));
}

/* With each new store: of what is known already nothing comes twice, and what was missed comes. */
void webhooks_recall(struct webhooks *webhooks)
{
	recall_begin(&webhooks->recall);
	go_on_soon(webhooks);
}

const struct webhooks_counters *webhooks_counters(struct webhooks *webhooks)
{
	return &webhooks->counters;
}
