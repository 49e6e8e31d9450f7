/* Maps, load-time settings and the steps that every program shares. */
#ifndef EYRIE_COMMON_BPF_H
#define EYRIE_COMMON_BPF_H

#define SKIP_PIDS_MAX 4
#define CGROUP_NAMES_BYTES_MAX 2048
#define CONTAINER_NAME_LEN_MIN 64 /* every runtime puts the 64-digit id into the cgroup's name */

enum open_rule { OPEN_NONE = 0, OPEN_PREFIX = 1, OPEN_ALL = 2 };

const volatile __u32 skip_tgids[SKIP_PIDS_MAX] = {};
const volatile __u32 skip_group = 0; /* process group of the probe: it and whoever reads its output */
const volatile bool cgroup_v1 = false;
const volatile __u32 wake_bytes = 1 << 20;
const volatile __u8 open_read[2] = { OPEN_ALL, OPEN_ALL }; /* [in a container] */
const volatile __u8 open_write[2] = { OPEN_ALL, OPEN_ALL };
const volatile bool all_sockets = true;
const volatile bool all_connects = true;
const volatile __u64 connect_ports[1024] = {}; /* of processes on the host: one bit a port */
const volatile __u8 open_failed = 1; /* 0 none, 1 EACCES and EPERM, 2 all */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20); /* set by the loader before load */
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, EV_DROP_CAUSES);
	__type(key, __u32);
	__type(value, __u64);
} drops SEC(".maps");

/* cgroup id → 1 + (in a container). Absent: its names have not been sent yet. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u32);
} cgroups_seen SEC(".maps");

struct cgroup_record {
	__u32 len;
	struct ev_header h;
	char names[CGROUP_NAMES_BYTES_MAX];
};

/* Event programs run with preemption off, so one scratch per CPU suffices; the snapshot at start can be
 * interrupted by them and has its own. */
enum scratch_slot { FOR_EVENT = 0, FOR_SNAPSHOT = 1, SCRATCH_SLOTS = 2 };

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SCRATCH_SLOTS);
	__type(key, __u32);
	__type(value, struct cgroup_record);
} cgroup_scratch SEC(".maps");

/* One field of a kernel object of which only the address is known. Since Linux 6.2 that is a load that cannot fault
 * the kernel; before, a helper call of some 7 ns. build.ts looks for the function in the kernel's BTF. */
#ifdef HAVE_RDONLY_CAST
extern void *bpf_rdonly_cast(const void *object, __u32 btf_id) __ksym;
#define TYPED(object, type) ((type *)bpf_rdonly_cast((void *)(object), bpf_core_type_id_kernel(type)))
#define FIELD(object, type, field) (TYPED(object, type)->field)
#else
#define FIELD(object, type, field) BPF_CORE_READ((type *)(object), field)
#endif

struct kernfs_node___before_6_14 {
	struct kernfs_node *parent;
} __attribute__((preserve_access_index));

static __always_inline void count_drop(__u32 cause)
{
	__u64 *n = bpf_map_lookup_elem(&drops, &cause);
	if (n)
		*n += 1;
}

volatile __u32 reader_idle = 0; /* set while the reader waits without a timer of its own */

/* A reader that waits for the first record is woken by it; one that collects by its timer, only when the backlog
 * crosses the mark. */
static __always_inline __u64 wake_flag(__u64 size)
{
	__u64 backlog;

	if (reader_idle)
		return BPF_RB_FORCE_WAKEUP;
	backlog = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	return backlog < wake_bytes && backlog + size >= wake_bytes ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

static __always_inline void output(void *record, __u64 size)
{
	if (bpf_ringbuf_output(&ring, record, size, wake_flag(size)))
		count_drop(EV_DROP_RING_FULL);
}

static __always_inline bool skipped(struct task_struct *task)
{
	__u32 tgid = task->tgid;

	return task->signal->pids[PIDTYPE_PGID]->numbers[0].nr == (int)skip_group || tgid == skip_tgids[0] ||
	       tgid == skip_tgids[1] || tgid == skip_tgids[2] || tgid == skip_tgids[3];
}

static __always_inline struct kernfs_node *cgroup_node(struct task_struct *task)
{
	struct css_set *set = task->cgroups;
	if (!cgroup_v1)
		return set->dfl_cgrp->kn;
	return set->subsys[bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id)]->cgroup->kn;
}

static __always_inline struct kernfs_node *cgroup_parent(struct kernfs_node *node)
{
	if (bpf_core_field_exists(node->__parent))
		return BPF_CORE_READ(node, __parent);
	return BPF_CORE_READ((struct kernfs_node___before_6_14 *)node, parent);
}

static __always_inline void fill_header(struct ev_header *h, struct task_struct *task, __u16 kind, __s64 res,
					__u64 cgroup_id)
{
	h->magic = EV_MAGIC;
	h->kind = kind;
	h->cpu = bpf_get_smp_processor_id();
	h->ktime_ns = bpf_ktime_get_ns();
	h->cgroup_id = cgroup_id;
	h->res = res;
	h->tgid = task->tgid;
	h->tid = task->pid;
	h->uid = task->cred->euid.val;
	h->syscall = 0;
	h->flags = 0;
	bpf_probe_read_kernel_str(h->comm, sizeof h->comm, task->comm);
}

/* Sends the names of a cgroup once. Returns 1 + (in a container); not remembered when the ring is full,
 * so that the next event of the cgroup tries again. Global: verified once, for all programs. */
__noinline int announce_cgroup(__u64 cgroup_id, __u64 cgroup_node, __u32 slot)
{
	struct kernfs_node *node = (void *)cgroup_node;
	__u32 verdict = 1;
	struct cgroup_record *rec = bpf_map_lookup_elem(&cgroup_scratch, &slot);
	__u64 len;

	if (!rec)
		return verdict;
	rec->len = 0;
	for (int i = 0; i < EV_CGROUP_DEPTH_MAX && node; i++) {
		__u64 off = *(volatile __u32 *)&rec->len; /* in memory for the verifier's sake, see walk_path */
		long n;

		if (off > CGROUP_NAMES_BYTES_MAX - 256)
			break;
		n = bpf_probe_read_kernel_str(rec->names + off, 256, BPF_CORE_READ(node, name));
		if (n <= 1) /* the root's name is empty */
			break;
		if (n > CONTAINER_NAME_LEN_MIN)
			verdict = 2;
		*(volatile __u32 *)&rec->len = off + n;
		node = cgroup_parent(node);
	}
	fill_header(&rec->h, bpf_get_current_task_btf(), EV_CGROUP, 0, cgroup_id);
	len = rec->len;
	barrier_var(len);
	if (len > CGROUP_NAMES_BYTES_MAX)
		return verdict;
	if (bpf_ringbuf_output(&ring, &rec->h, sizeof rec->h + len, BPF_RB_NO_WAKEUP)) {
		count_drop(EV_DROP_RING_FULL);
		return verdict;
	}
	bpf_map_update_elem(&cgroups_seen, &cgroup_id, &verdict, BPF_ANY);
	return verdict;
}

/* Returns the task's cgroup id and tells whether that looks like a container's. */
static __always_inline __u64 cgroup_of(struct task_struct *task, bool *in_container, __u32 slot)
{
	struct kernfs_node *node = cgroup_node(task);
	__u64 id = node->id;
	__u32 *seen = bpf_map_lookup_elem(&cgroups_seen, &id);
	__u64 number = 0; /* global functions take no pointers */
	__u32 verdict;

	if (seen) {
		verdict = *seen;
	} else {
		bpf_probe_read_kernel(&number, sizeof number, &node);
		verdict = announce_cgroup(id, number, slot);
	}

	*in_container = verdict == 2;
	return id;
}

#endif
