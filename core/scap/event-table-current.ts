/**
 * Made by scripts/event-tables.ts; do not edit.
 * Source: facts of falcosecurity/libs, driver/event_table.c, syscall_table.c, flags_table.c
 * (dual MIT/GPL-2.0; used under MIT, see NOTICE).
 */

/** One event a line: id name direction category flags name:type:format:table … */
export const CURRENT_EVENTS = `
0 syscall > OTHER - ID:SYSCALLID nativeID:UINT16
1 syscall < OTHER - ID:SYSCALLID nativeID:UINT16
2 open > FILE CM name:FSPATH flags:FLAGS32:HEX:file_flags mode:UINT32:OCT
3 open < FILE CM fd:FD name:FSPATH flags:FLAGS32:HEX:file_flags mode:UINT32:OCT dev:UINT32:HEX ino:UINT64
4 close > IO_OTHER DUM fd:FD
5 close < IO_OTHER DUM res:ERRNO fd:FD
6 read > IO_READ UR fd:FD size:UINT32
7 read < IO_READ UR res:ERRNO data:BYTEBUF fd:FD size:UINT32
8 write > IO_WRITE UW fd:FD size:UINT32
9 write < IO_WRITE UW res:ERRNO data:BYTEBUF fd:FD size:UINT32
10 brk > MEMORY - size:UINT32
11 brk < MEMORY - res:UINT64:HEX
12 execve > PROCESS M
13 execve < PROCESS M res:ERRNO exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:UINT64
14 clone > PROCESS M
15 clone < PROCESS M res:PID exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:INT64 flags:FLAGS32:HEX:clone_flags uid:UINT32 gid:UINT32
16 procexit > PROCESS M
18 socket > NET CM domain:ENUMFLAGS32::socket_families type:UINT32 proto:UINT32
19 socket < NET CM fd:FD domain:ENUMFLAGS32::socket_families type:UINT32 proto:UINT32 flags:FLAGS32:HEX:file_flags
20 bind > NET UM fd:FD
21 bind < NET UM res:ERRNO addr:SOCKADDR fd:FD
22 connect > NET UM fd:FD addr:SOCKADDR
23 connect < NET UM res:ERRNO tuple:SOCKTUPLE fd:FD addr:SOCKADDR
24 listen > NET U fd:FD backlog:INT32
25 listen < NET U res:ERRNO fd:FD backlog:INT32
26 accept > NET CM
27 accept < NET CM fd:FD tuple:SOCKTUPLE queuepct:UINT8
28 send > IO_WRITE UW fd:FD size:UINT32
29 send < IO_WRITE UW res:ERRNO data:BYTEBUF fd:FD size:UINT32 tuple:SOCKTUPLE
30 sendto > IO_WRITE UWM fd:FD size:UINT32 tuple:SOCKTUPLE
31 sendto < IO_WRITE UWM res:ERRNO data:BYTEBUF fd:FD size:UINT32 tuple:SOCKTUPLE
32 recv > IO_READ UR fd:FD size:UINT32
33 recv < IO_READ UR res:ERRNO data:BYTEBUF fd:FD size:UINT32 tuple:SOCKTUPLE
34 recvfrom > IO_READ URM fd:FD size:UINT32
35 recvfrom < IO_READ URM res:ERRNO data:BYTEBUF tuple:SOCKTUPLE fd:FD size:UINT32
36 shutdown > NET UM fd:FD how:ENUMFLAGS8:HEX:shutdown_how
37 shutdown < NET UM res:ERRNO fd:FD how:ENUMFLAGS8:HEX:shutdown_how
38 getsockname > NET -
39 getsockname < NET -
40 getpeername > NET -
41 getpeername < NET -
42 socketpair > IPC CM domain:ENUMFLAGS32::socket_families type:UINT32 proto:UINT32
43 socketpair < IPC CM res:ERRNO fd1:FD fd2:FD source:UINT64:HEX peer:UINT64:HEX domain:ENUMFLAGS32::socket_families type:UINT32 proto:UINT32
44 setsockopt > NET -
45 setsockopt < NET U res:ERRNO fd:FD level:ENUMFLAGS8::sockopt_levels optname:ENUMFLAGS8::sockopt_options val:DYN::sockopt_dynamic_param optlen:UINT32
46 getsockopt > NET M
47 getsockopt < NET UM res:ERRNO fd:FD level:ENUMFLAGS8::sockopt_levels optname:ENUMFLAGS8::sockopt_options val:DYN::sockopt_dynamic_param optlen:UINT32
48 sendmsg > IO_WRITE UWM fd:FD size:UINT32 tuple:SOCKTUPLE
49 sendmsg < IO_WRITE UWM res:ERRNO data:BYTEBUF fd:FD size:UINT32 tuple:SOCKTUPLE
50 sendmmsg > IO_WRITE -
51 sendmmsg < IO_WRITE UWM res:ERRNO fd:FD size:UINT32 data:BYTEBUF tuple:SOCKTUPLE
52 recvmsg > IO_READ URM fd:FD
53 recvmsg < IO_READ URM res:ERRNO size:UINT32 data:BYTEBUF tuple:SOCKTUPLE msgcontrol:BYTEBUF fd:FD
54 recvmmsg > IO_READ -
55 recvmmsg < IO_READ URM res:ERRNO fd:FD size:UINT32 data:BYTEBUF tuple:SOCKTUPLE msgcontrol:BYTEBUF
56 accept > NET CM flags:INT32:HEX
57 accept < NET CM fd:FD tuple:SOCKTUPLE queuepct:UINT8
58 creat > FILE CM name:FSPATH mode:UINT32:OCT
59 creat < FILE CM fd:FD name:FSPATH mode:UINT32:OCT dev:UINT32:HEX ino:UINT64 creat_flags:FLAGS16:HEX:creat_flags
60 pipe > IPC CM
61 pipe < IPC CM res:ERRNO fd1:FD fd2:FD ino:UINT64
62 eventfd > IPC CM initval:UINT64 flags:UINT32:HEX
63 eventfd < IPC CM res:FD initval:UINT64 flags:UINT32:HEX
64 futex > IPC - addr:UINT64:HEX op:FLAGS16:HEX:futex_operations val:UINT64
65 futex < IPC - res:ERRNO addr:UINT64:HEX op:FLAGS16:HEX:futex_operations val:UINT64
66 stat > FILE -
67 stat < FILE - res:ERRNO path:FSPATH
68 lstat > FILE -
69 lstat < FILE - res:ERRNO path:FSPATH
70 fstat > FILE U fd:FD
71 fstat < FILE U res:ERRNO fd:FD
72 stat64 > FILE -
73 stat64 < FILE - res:ERRNO path:FSPATH
74 lstat64 > FILE -
75 lstat64 < FILE - res:ERRNO path:FSPATH
76 fstat64 > FILE U fd:FD
77 fstat64 < FILE - res:ERRNO
78 epoll_wait > WAIT V maxevents:ERRNO
79 epoll_wait < WAIT V res:ERRNO maxevents:ERRNO
80 poll > WAIT V fds:FDLIST timeout:INT64
81 poll < WAIT V res:ERRNO fds:FDLIST timeout:INT64
82 select > WAIT V
83 select < WAIT V res:ERRNO
84 select > WAIT V
85 select < WAIT V res:ERRNO
86 lseek > FILE U fd:FD offset:UINT64 whence:ENUMFLAGS8::lseek_whence
87 lseek < FILE U res:ERRNO fd:FD offset:UINT64 whence:ENUMFLAGS8::lseek_whence
88 llseek > FILE U fd:FD offset:UINT64 whence:ENUMFLAGS8::lseek_whence
89 llseek < FILE U res:ERRNO fd:FD offset:UINT64 whence:ENUMFLAGS8::lseek_whence
90 ioctl > IO_OTHER U fd:FD request:UINT64:HEX
91 ioctl < IO_OTHER U res:ERRNO
92 getcwd > FILE -
93 getcwd < FILE - res:ERRNO path:CHARBUF
94 chdir > FILE M
95 chdir < FILE M res:ERRNO path:CHARBUF
96 fchdir > FILE UM fd:FD
97 fchdir < FILE UM res:ERRNO fd:FD
98 mkdir > FILE - path:FSPATH mode:UINT32:HEX
99 mkdir < FILE - res:ERRNO
100 rmdir > FILE - path:FSPATH
101 rmdir < FILE - res:ERRNO
102 openat > FILE CM dirfd:FD name:CHARBUF flags:FLAGS32:HEX:file_flags mode:UINT32:OCT
103 openat < FILE CM fd:FD
104 link > FILE - oldpath:FSPATH newpath:FSPATH
105 link < FILE - res:ERRNO
106 linkat > FILE - olddir:FD oldpath:CHARBUF newdir:FD newpath:CHARBUF
107 linkat < FILE - res:ERRNO
108 unlink > FILE - path:FSPATH
109 unlink < FILE - res:ERRNO
110 unlinkat > FILE - dirfd:FD name:CHARBUF
111 unlinkat < FILE - res:ERRNO
112 pread > IO_READ UR fd:FD size:UINT32 pos:UINT64
113 pread < IO_READ UR res:ERRNO data:BYTEBUF fd:FD size:UINT32 pos:UINT64
114 pwrite > IO_WRITE UW fd:FD size:UINT32 pos:UINT64
115 pwrite < IO_WRITE UW res:ERRNO data:BYTEBUF fd:FD size:UINT32 pos:UINT64
116 readv > IO_READ UR fd:FD
117 readv < IO_READ UR res:ERRNO size:UINT32 data:BYTEBUF fd:FD
118 writev > IO_WRITE UW fd:FD size:UINT32
119 writev < IO_WRITE UW res:ERRNO data:BYTEBUF fd:FD size:UINT32
120 preadv > IO_READ UR fd:FD pos:UINT64
121 preadv < IO_READ UR res:ERRNO size:UINT32 data:BYTEBUF fd:FD pos:UINT64
122 pwritev > IO_WRITE UW fd:FD size:UINT32 pos:UINT64
123 pwritev < IO_WRITE UW res:ERRNO data:BYTEBUF fd:FD size:UINT32 pos:UINT64
124 dup > IO_OTHER CUM fd:FD
125 dup < IO_OTHER CUM res:FD
126 signalfd > SIGNAL CM fd:FD mask:UINT32:HEX flags:UINT8:HEX
127 signalfd < SIGNAL CM res:FD fd:FD mask:UINT32:HEX flags:UINT8:HEX
128 kill > SIGNAL - pid:PID sig:SIGTYPE
129 kill < SIGNAL - res:ERRNO pid:PID sig:SIGTYPE
130 tkill > SIGNAL - tid:PID sig:SIGTYPE
131 tkill < SIGNAL - res:ERRNO tid:PID sig:SIGTYPE
132 tgkill > SIGNAL - pid:PID tid:PID sig:SIGTYPE
133 tgkill < SIGNAL - res:ERRNO pid:PID tid:PID sig:SIGTYPE
134 nanosleep > SLEEP V interval:RELTIME
135 nanosleep < SLEEP V res:ERRNO interval:RELTIME
136 timerfd_create > TIME CM clockid:UINT8 flags:UINT8:HEX
137 timerfd_create < TIME CM res:FD clockid:UINT8 flags:UINT8:HEX
138 inotify_init > IPC CM flags:UINT8:HEX
139 inotify_init < IPC CM res:FD flags:UINT8:HEX
140 getrlimit > PROCESS - resource:ENUMFLAGS8::rlimit_resources
141 getrlimit < PROCESS - res:ERRNO cur:INT64 max:INT64 resource:ENUMFLAGS8::rlimit_resources
142 setrlimit > PROCESS - resource:ENUMFLAGS8::rlimit_resources
143 setrlimit < PROCESS - res:ERRNO cur:INT64 max:INT64 resource:ENUMFLAGS8::rlimit_resources
144 prlimit > PROCESS - pid:PID resource:ENUMFLAGS8::rlimit_resources
145 prlimit < PROCESS - res:ERRNO newcur:INT64 newmax:INT64 oldcur:INT64 oldmax:INT64 pid:INT64 resource:ENUMFLAGS8::rlimit_resources
146 switch > SCHEDULER S next:PID
148 drop > INTERNAL S ratio:UINT32
149 drop < INTERNAL S ratio:UINT32
150 fcntl > IO_OTHER UM fd:FD cmd:ENUMFLAGS8::fcntl_commands
151 fcntl < IO_OTHER UM res:FD fd:FD cmd:ENUMFLAGS8::fcntl_commands arg:UINT64:HEX
152 switch > SCHEDULER - next:PID pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32
154 execve > PROCESS M
155 execve < PROCESS M res:ERRNO exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:UINT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32
156 clone > PROCESS M
157 clone < PROCESS M res:PID exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:INT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 flags:FLAGS32:HEX:clone_flags uid:UINT32 gid:UINT32
158 brk > MEMORY - addr:UINT64:HEX
159 brk < MEMORY - res:UINT64:HEX vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 addr:UINT64:HEX
160 mmap > MEMORY U addr:UINT64:HEX length:UINT64 prot:FLAGS32:HEX:prot_flags flags:FLAGS32:HEX:mmap_flags fd:FD offset:UINT64
161 mmap < MEMORY U res:ERRNO:HEX vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 addr:UINT64:HEX length:UINT64 prot:FLAGS32:HEX:prot_flags flags:FLAGS32:HEX:mmap_flags fd:FD offset:UINT64
162 mmap2 > MEMORY U addr:UINT64:HEX length:UINT64 prot:FLAGS32:HEX:prot_flags flags:FLAGS32:HEX:mmap_flags fd:FD pgoffset:UINT64
163 mmap2 < MEMORY U res:ERRNO:HEX vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 addr:UINT64:HEX length:UINT64 prot:FLAGS32:HEX:prot_flags flags:FLAGS32:HEX:mmap_flags fd:FD pgoffset:UINT64
164 munmap > MEMORY - addr:UINT64:HEX length:UINT64
165 munmap < MEMORY - res:ERRNO vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 addr:UINT64:HEX length:UINT64
166 splice > IO_OTHER U fd_in:FD fd_out:FD size:UINT64 flags:FLAGS32:HEX:splice_flags
167 splice < IO_OTHER U res:ERRNO fd_in:FD fd_out:FD size:UINT64 flags:FLAGS32:HEX:splice_flags
168 ptrace > PROCESS - request:ENUMFLAGS16::ptrace_requests pid:PID
169 ptrace < PROCESS - res:ERRNO addr:DYN:HEX:ptrace_dynamic_param data:DYN:HEX:ptrace_dynamic_param request:ENUMFLAGS16::ptrace_requests pid:PID
170 ioctl > IO_OTHER U fd:FD request:UINT64:HEX argument:UINT64:HEX
171 ioctl < IO_OTHER U res:ERRNO fd:FD request:UINT64:HEX argument:UINT64:HEX
172 execve > PROCESS M
173 execve < PROCESS M res:ERRNO exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:UINT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 env:BYTEBUF
174 rename > FILE -
175 rename < FILE - res:ERRNO oldpath:FSPATH newpath:FSPATH
176 renameat > FILE -
177 renameat < FILE - res:ERRNO olddirfd:FD oldpath:FSRELPATH::DIRFD_PARAM newdirfd:FD newpath:FSRELPATH::DIRFD_PARAM
178 symlink > FILE -
179 symlink < FILE - res:ERRNO target:CHARBUF linkpath:FSPATH
180 symlinkat > FILE -
181 symlinkat < FILE U res:ERRNO target:CHARBUF linkdirfd:FD linkpath:FSRELPATH::DIRFD_PARAM
182 fork > PROCESS M
183 fork < PROCESS M res:PID exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:INT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 flags:FLAGS32:HEX:clone_flags uid:UINT32 gid:UINT32
184 vfork > PROCESS M
185 vfork < PROCESS M res:PID exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:INT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 flags:FLAGS32:HEX:clone_flags uid:UINT32 gid:UINT32
186 procexit > PROCESS M status:ERRNO ret:ERRNO sig:SIGTYPE core:UINT8 reaper_tid:PID
188 sendfile > IO_WRITE U out_fd:FD in_fd:FD offset:UINT64 size:UINT64
189 sendfile < IO_WRITE U res:ERRNO offset:UINT64 out_fd:FD in_fd:FD size:UINT64
190 quotactl > USER - cmd:FLAGS16::quotactl_cmds type:FLAGS8::quotactl_types id:UINT32 quota_fmt:FLAGS8::quotactl_quota_fmts
191 quotactl < USER - res:ERRNO special:CHARBUF quotafilepath:CHARBUF dqb_bhardlimit:UINT64 dqb_bsoftlimit:UINT64 dqb_curspace:UINT64 dqb_ihardlimit:UINT64 dqb_isoftlimit:UINT64 dqb_btime:RELTIME dqb_itime:RELTIME dqi_bgrace:RELTIME dqi_igrace:RELTIME dqi_flags:FLAGS8::quotactl_dqi_flags quota_fmt_out:FLAGS8::quotactl_quota_fmts cmd:FLAGS16::quotactl_cmds type:FLAGS8::quotactl_types id:UINT32 quota_fmt:FLAGS8::quotactl_quota_fmts
192 setresuid > USER M ruid:UID euid:UID suid:UID
193 setresuid < USER M res:ERRNO ruid:UID euid:UID suid:UID
194 setresgid > USER M rgid:GID egid:GID sgid:GID
195 setresgid < USER M res:ERRNO rgid:GID egid:GID sgid:GID
196 scapevent > INTERNAL S event_type:UINT32 event_data:UINT64
451 close_range < IO_OTHER M res:ERRNO first:UINT32 last:UINT32 flags:FLAGS32:HEX:close_range_flags
198 setuid > USER M uid:UID
199 setuid < USER M res:ERRNO uid:UID
200 setgid > USER M gid:GID
201 setgid < USER M res:ERRNO gid:GID
202 getuid > USER -
203 getuid < USER - uid:UID
204 geteuid > USER -
205 geteuid < USER - euid:UID
206 getgid > USER -
207 getgid < USER - gid:GID
208 getegid > USER -
209 getegid < USER - egid:GID
210 getresuid > USER -
211 getresuid < USER - res:ERRNO ruid:UID euid:UID suid:UID
212 getresgid > USER -
213 getresgid < USER - res:ERRNO rgid:GID egid:GID sgid:GID
214 execve > PROCESS M
215 execve < PROCESS M res:ERRNO exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:UINT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF env:BYTEBUF
216 clone > PROCESS M
217 clone < PROCESS M res:PID exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:INT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF flags:FLAGS32:HEX:clone_flags uid:UINT32 gid:UINT32
218 fork > PROCESS M
219 fork < PROCESS M res:PID exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:INT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF flags:FLAGS32:HEX:clone_flags uid:UINT32 gid:UINT32
220 vfork > PROCESS M
221 vfork < PROCESS M res:PID exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:INT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF flags:FLAGS32:HEX:clone_flags uid:UINT32 gid:UINT32
222 clone > PROCESS M
223 clone < PROCESS M res:PID exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:INT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF cgroups:BYTEBUF flags:FLAGS32:HEX:clone_flags uid:UINT32 gid:UINT32 vtid:PID vpid:PID pidns_init_start_ts:UINT64
224 fork > PROCESS M
225 fork < PROCESS M res:PID exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:INT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF cgroups:BYTEBUF flags:FLAGS32:HEX:clone_flags uid:UINT32 gid:UINT32 vtid:PID vpid:PID pidns_init_start_ts:UINT64
226 vfork > PROCESS M
227 vfork < PROCESS M res:PID exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:INT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF cgroups:BYTEBUF flags:FLAGS32:HEX:clone_flags uid:UINT32 gid:UINT32 vtid:PID vpid:PID pidns_init_start_ts:UINT64
228 container > INTERNAL SM id:CHARBUF type:UINT32 name:CHARBUF image:CHARBUF
230 execve > PROCESS M
231 execve < PROCESS M res:ERRNO exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:UINT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF cgroups:BYTEBUF env:BYTEBUF
232 signaldeliver > SIGNAL - spid:PID dpid:PID sig:SIGTYPE
234 procinfo > INTERNAL S cpu_usr:UINT64 cpu_sys:UINT64
236 getdents > FILE U fd:FD
237 getdents < FILE U res:ERRNO fd:FD
238 getdents64 > FILE U fd:FD
239 getdents64 < FILE U res:ERRNO fd:FD
240 setns > PROCESS U fd:FD nstype:FLAGS32:HEX:clone_flags
241 setns < PROCESS U res:ERRNO fd:FD nstype:FLAGS32:HEX:clone_flags
242 flock > FILE U fd:FD operation:FLAGS32:HEX:flock_flags
243 flock < FILE U res:ERRNO fd:FD operation:FLAGS32:HEX:flock_flags
244 cpu_hotplug > SYSTEM SM cpu:UINT32 action:UINT32
246 accept > NET CM
247 accept < NET CM fd:FD tuple:SOCKTUPLE queuepct:UINT8 queuelen:UINT32 queuemax:UINT32
248 accept > NET CM flags:INT32:HEX
249 accept < NET CM fd:FD tuple:SOCKTUPLE queuepct:UINT8 queuelen:UINT32 queuemax:UINT32
250 semop > PROCESS - semid:INT32
251 semop < PROCESS - res:ERRNO nsops:UINT32 sem_num_0:UINT16 sem_op_0:INT16 sem_flg_0:FLAGS16:HEX:semop_flags sem_num_1:UINT16 sem_op_1:INT16 sem_flg_1:FLAGS16:HEX:semop_flags semid:INT32
252 semctl > PROCESS - semid:INT32 semnum:INT32 cmd:FLAGS16:HEX:semctl_commands val:INT32
253 semctl < PROCESS - res:ERRNO semid:INT32 semnum:INT32 cmd:FLAGS16:HEX:semctl_commands val:INT32
254 ppoll > WAIT V fds:FDLIST timeout:RELTIME sigmask:SIGSET
255 ppoll < WAIT V res:ERRNO fds:FDLIST timeout:RELTIME sigmask:SIGSET
256 mount > FILE M flags:FLAGS32:HEX:mount_flags
257 mount < FILE M res:ERRNO dev:CHARBUF dir:FSPATH type:CHARBUF flags:FLAGS32:HEX:mount_flags
258 umount > FILE M flags:FLAGS32:HEX:umount_flags
259 umount < FILE M res:ERRNO name:FSPATH
260 k8s > INTERNAL SM json:CHARBUF
262 semget > PROCESS - key:INT32:HEX nsems:INT32 semflg:FLAGS32:HEX:semget_flags
263 semget < PROCESS - res:ERRNO key:INT32:HEX nsems:INT32 semflg:FLAGS32:HEX:semget_flags
264 access > FILE - mode:FLAGS32:HEX:access_flags
265 access < FILE - res:ERRNO name:FSPATH mode:FLAGS32:HEX:access_flags
266 chroot > PROCESS M
267 chroot < PROCESS M res:ERRNO path:FSPATH
268 tracer > OTHER - id:INT64 tags:CHARBUFARRAY args:CHARBUF_PAIR_ARRAY
270 mesos > INTERNAL SM json:CHARBUF
272 container > PROCESS M json:CHARBUF
274 setsid > PROCESS M
275 setsid < PROCESS M res:PID
276 mkdir > FILE - mode:UINT32:HEX
277 mkdir < FILE - res:ERRNO path:FSPATH mode:UINT32:HEX
278 rmdir > FILE -
279 rmdir < FILE - res:ERRNO path:FSPATH
280 notification > OTHER S id:CHARBUF desc:CHARBUF
282 execve > PROCESS M
283 execve < PROCESS M res:ERRNO exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:UINT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF cgroups:BYTEBUF env:BYTEBUF tty:INT32
284 unshare > PROCESS - flags:FLAGS32:HEX:clone_flags
285 unshare < PROCESS - res:ERRNO flags:FLAGS32:HEX:clone_flags
286 infra > INTERNAL S source:CHARBUF name:CHARBUF description:CHARBUF scope:CHARBUF
288 execve > PROCESS M filename:FSPATH
289 execve < PROCESS M res:ERRNO exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:UINT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF cgroups:BYTEBUF env:BYTEBUF tty:INT32
290 page_fault > OTHER S addr:UINT64:HEX ip:UINT64:HEX error:FLAGS32:HEX:pf_flags
292 execve > PROCESS M filename:FSPATH
293 execve < PROCESS M res:ERRNO exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:UINT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF cgroups:BYTEBUF env:BYTEBUF tty:UINT32 vpgid:PID loginuid:UID flags:FLAGS32:HEX:execve_flags cap_inheritable:UINT64:HEX cap_permitted:UINT64:HEX cap_effective:UINT64:HEX exe_ino:UINT64 exe_ino_ctime:ABSTIME exe_ino_mtime:ABSTIME uid:UID trusted_exepath:FSPATH pgid:PID gid:GID filename:FSPATH
294 setpgid > PROCESS - pid:PID pgid:PID
295 setpgid < PROCESS - res:ERRNO pid:PID pgid:PID
296 bpf > OTHER C cmd:INT64
297 bpf < OTHER C res_or_fd:DYN::bpf_dynamic_param
298 seccomp > OTHER - op:UINT64 flags:UINT64:HEX
299 seccomp < OTHER - res:ERRNO op:UINT64 flags:UINT64:HEX
300 unlink > FILE -
301 unlink < FILE - res:ERRNO path:FSPATH
302 unlinkat > FILE -
303 unlinkat < FILE U res:ERRNO dirfd:FD name:FSRELPATH::DIRFD_PARAM flags:FLAGS32:HEX:unlinkat_flags
304 mkdirat > FILE -
305 mkdirat < FILE U res:ERRNO dirfd:FD path:FSRELPATH::DIRFD_PARAM mode:UINT32:HEX
306 openat > FILE CM dirfd:FD name:FSRELPATH::DIRFD_PARAM flags:FLAGS32:HEX:file_flags mode:UINT32:OCT
307 openat < FILE CM fd:FD dirfd:FD name:FSRELPATH::DIRFD_PARAM flags:FLAGS32:HEX:file_flags mode:UINT32:OCT dev:UINT32:HEX ino:UINT64
308 link > FILE -
309 link < FILE - res:ERRNO oldpath:FSPATH newpath:FSPATH
310 linkat > FILE -
311 linkat < FILE - res:ERRNO olddir:FD oldpath:FSRELPATH::DIRFD_PARAM newdir:FD newpath:FSRELPATH::DIRFD_PARAM flags:FLAGS32:HEX:linkat_flags
312 fchmodat > FILE -
313 fchmodat < FILE U res:ERRNO dirfd:FD filename:FSRELPATH::DIRFD_PARAM mode:MODE:OCT:chmod_mode
314 chmod > FILE -
315 chmod < FILE - res:ERRNO filename:FSPATH mode:MODE:OCT:chmod_mode
316 fchmod > FILE -
317 fchmod < FILE U res:ERRNO fd:FD mode:MODE:OCT:chmod_mode
318 renameat2 > FILE -
319 renameat2 < FILE - res:ERRNO olddirfd:FD oldpath:FSRELPATH::DIRFD_PARAM newdirfd:FD newpath:FSRELPATH::DIRFD_PARAM flags:FLAGS32:HEX:renameat2_flags
320 userfaultfd > FILE CM
321 userfaultfd < FILE CM res:ERRNO flags:FLAGS32:HEX:file_flags
322 pluginevent > OTHER L plugin_id:UINT32 event_data:BYTEBUF
324 container > PROCESS ML json:CHARBUF
326 openat2 > FILE CM dirfd:FD name:FSRELPATH::DIRFD_PARAM flags:FLAGS32:HEX:file_flags mode:UINT32:OCT resolve:FLAGS32:HEX:openat2_flags
327 openat2 < FILE CM fd:FD dirfd:FD name:FSRELPATH::DIRFD_PARAM flags:FLAGS32:HEX:file_flags mode:UINT32:OCT resolve:FLAGS32:HEX:openat2_flags dev:UINT32:HEX ino:UINT64
328 mprotect > MEMORY - addr:UINT64:HEX length:UINT64 prot:FLAGS32:HEX:prot_flags
329 mprotect < MEMORY - res:ERRNO addr:UINT64:HEX length:UINT64 prot:FLAGS32:HEX:prot_flags
330 execveat > PROCESS M dirfd:FD pathname:FSRELPATH::DIRFD_PARAM flags:FLAGS32:HEX:execveat_flags
331 execveat < PROCESS M res:ERRNO exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:UINT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF cgroups:BYTEBUF env:BYTEBUF tty:UINT32 vpgid:PID loginuid:UID flags:FLAGS32:HEX:execve_flags cap_inheritable:UINT64:HEX cap_permitted:UINT64:HEX cap_effective:UINT64:HEX exe_ino:UINT64 exe_ino_ctime:ABSTIME exe_ino_mtime:ABSTIME uid:UID trusted_exepath:FSPATH pgid:PID gid:GID
332 copy_file_range > FILE URW fdin:FD offin:UINT64 len:UINT64
333 copy_file_range < FILE URW res:ERRNO fdout:FD offout:UINT64 fdin:FD offin:UINT64 len:UINT64
334 clone3 > PROCESS M
335 clone3 < PROCESS M res:PID exe:CHARBUF args:BYTEBUF tid:PID pid:PID ptid:PID cwd:CHARBUF fdlimit:INT64 pgft_maj:UINT64 pgft_min:UINT64 vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 comm:CHARBUF cgroups:BYTEBUF flags:FLAGS32:HEX:clone_flags uid:UINT32 gid:UINT32 vtid:PID vpid:PID pidns_init_start_ts:UINT64
336 open_by_handle_at > FILE CM
337 open_by_handle_at < FILE CM fd:FD mountfd:FD flags:FLAGS32:HEX:file_flags path:FSPATH dev:UINT32:HEX ino:UINT64
338 io_uring_setup > IO_OTHER CM
339 io_uring_setup < IO_OTHER CM res:ERRNO entries:UINT32 sq_entries:UINT32 cq_entries:UINT32 flags:FLAGS32:HEX:io_uring_setup_flags sq_thread_cpu:UINT32 sq_thread_idle:UINT32 features:FLAGS32:HEX:io_uring_setup_feats
340 io_uring_enter > IO_OTHER -
341 io_uring_enter < IO_OTHER U res:ERRNO fd:FD to_submit:UINT32 min_complete:UINT32 flags:FLAGS32:HEX:io_uring_enter_flags sig:SIGSET
342 io_uring_register > IO_OTHER -
343 io_uring_register < IO_OTHER U res:ERRNO fd:FD opcode:ENUMFLAGS16::io_uring_register_opcodes arg:UINT64:HEX nr_args:UINT32
344 mlock > MEMORY -
345 mlock < MEMORY - res:ERRNO addr:UINT64:HEX len:UINT64
346 munlock > MEMORY -
347 munlock < MEMORY - res:ERRNO addr:UINT64:HEX len:UINT64
348 mlockall > MEMORY -
349 mlockall < MEMORY - res:ERRNO flags:FLAGS32:HEX:mlockall_flags
350 munlockall > MEMORY -
351 munlockall < MEMORY - res:ERRNO
352 capset > PROCESS M
353 capset < PROCESS M res:ERRNO cap_inheritable:UINT64:HEX cap_permitted:UINT64:HEX cap_effective:UINT64:HEX
354 useradded > PROCESS M uid:UINT32 gid:UINT32 name:CHARBUF home:CHARBUF shell:CHARBUF container_id:CHARBUF
356 userdeleted > PROCESS M uid:UINT32 gid:UINT32 name:CHARBUF home:CHARBUF shell:CHARBUF container_id:CHARBUF
358 groupadded > PROCESS M gid:UINT32 name:CHARBUF container_id:CHARBUF
360 groupdeleted > PROCESS M gid:UINT32 name:CHARBUF container_id:CHARBUF
362 dup2 > IO_OTHER CUM fd:FD
363 dup2 < IO_OTHER CUM res:FD oldfd:FD newfd:FD
364 dup3 > IO_OTHER CUM fd:FD
365 dup3 < IO_OTHER CUM res:FD oldfd:FD newfd:FD flags:FLAGS32:HEX:file_flags
366 dup > IO_OTHER CUM fd:FD
367 dup < IO_OTHER CUM res:FD oldfd:FD
368 bpf > OTHER C cmd:INT64
369 bpf < OTHER C fd:FD cmd:ENUMFLAGS32::bpf_commands
370 mlock2 > MEMORY -
371 mlock2 < MEMORY - res:ERRNO addr:UINT64:HEX len:UINT64 flags:FLAGS32:HEX:mlock2_flags
372 fsconfig > SYSTEM -
373 fsconfig < SYSTEM U res:ERRNO fd:FD cmd:ENUMFLAGS32::fsconfig_cmds key:CHARBUF value_bytebuf:BYTEBUF value_charbuf:CHARBUF aux:INT32
374 epoll_create > WAIT CM size:INT32
375 epoll_create < WAIT CM res:ERRNO size:INT32
376 epoll_create1 > WAIT CM flags:FLAGS32:HEX:epoll_create1_flags
377 epoll_create1 < WAIT CM res:ERRNO flags:FLAGS32:HEX:epoll_create1_flags
378 chown > FILE -
379 chown < FILE - res:ERRNO path:FSPATH uid:UINT32 gid:UINT32
380 lchown > FILE -
381 lchown < FILE - res:ERRNO path:FSPATH uid:UINT32 gid:UINT32
382 fchown > FILE -
383 fchown < FILE U res:ERRNO fd:FD uid:UINT32 gid:UINT32
384 fchownat > FILE -
385 fchownat < FILE U res:ERRNO dirfd:FD pathname:FSRELPATH::DIRFD_PARAM uid:UINT32 gid:UINT32 flags:FLAGS32:HEX:fchownat_flags
386 umount > FILE M
387 umount < FILE M res:ERRNO name:FSPATH
388 accept4 > NET CM flags:INT32:HEX
389 accept4 < NET CM fd:FD tuple:SOCKTUPLE queuepct:UINT8 queuelen:UINT32 queuemax:UINT32 flags:INT32:HEX
390 umount2 > FILE M flags:FLAGS32:HEX:umount_flags
391 umount2 < FILE M res:ERRNO name:FSPATH flags:FLAGS32:HEX:umount_flags
392 pipe2 > IPC CM
393 pipe2 < IPC CM res:ERRNO fd1:FD fd2:FD ino:UINT64 flags:FLAGS32:HEX:file_flags
394 inotify_init1 > IPC CM
395 inotify_init1 < IPC CM res:FD flags:FLAGS16:HEX:file_flags
396 eventfd2 > IPC CM initval:UINT64
397 eventfd2 < IPC CM res:FD flags:FLAGS16:HEX:file_flags initval:UINT64
398 signalfd4 > SIGNAL CM fd:FD mask:UINT32:HEX
399 signalfd4 < SIGNAL CM res:FD flags:FLAGS16:HEX:file_flags fd:FD mask:UINT32:HEX
400 prctl > PROCESS M
401 prctl < PROCESS M res:ERRNO option:ENUMFLAGS32::prctl_options arg2_str:CHARBUF arg2_int:INT64
402 asyncevent > OTHER L plugin_id:UINT32 name:CHARBUF data:BYTEBUF
404 memfd_create > MEMORY CM
405 memfd_create < MEMORY CM fd:FD name:CHARBUF flags:FLAGS32:HEX:memfd_create_flags
406 pidfd_getfd > PROCESS CM
407 pidfd_getfd < PROCESS CM fd:FD pid_fd:FD target_fd:FD flags:UINT32:HEX
408 pidfd_open > PROCESS CM
409 pidfd_open < PROCESS CM fd:FD pid:PID flags:FLAGS32:HEX:pidfd_open_flags
410 init_module > OTHER -
411 init_module < OTHER - res:ERRNO img:BYTEBUF length:UINT64 uargs:CHARBUF
412 finit_module > OTHER -
413 finit_module < OTHER UR res:ERRNO fd:FD uargs:CHARBUF flags:FLAGS32:HEX:finit_module_flags
414 mknod > OTHER -
415 mknod < OTHER - res:ERRNO path:FSPATH mode:MODE:OCT:mknod_mode dev:UINT32
416 mknodat > OTHER -
417 mknodat < OTHER U res:ERRNO dirfd:FD path:FSRELPATH::DIRFD_PARAM mode:MODE:OCT:mknod_mode dev:UINT32
418 newfstatat > FILE -
419 newfstatat < FILE U res:ERRNO dirfd:FD path:FSRELPATH::DIRFD_PARAM flags:FLAGS32:HEX:newfstatat_flags
420 process_vm_readv > IPC -
421 process_vm_readv < IPC - res:INT64 pid:PID data:BYTEBUF
422 process_vm_writev > IPC -
423 process_vm_writev < IPC - res:INT64 pid:PID data:BYTEBUF
424 delete_module > OTHER -
425 delete_module < OTHER - res:ERRNO name:CHARBUF flags:FLAGS32:HEX:delete_module_flags
426 setreuid > USER M
427 setreuid < USER M res:ERRNO ruid:UID euid:UID
428 setregid > USER -
429 setregid < USER M res:ERRNO rgid:UID egid:UID
430 task > PROCESS M ppid:PID32 pgid:PID32 vpgid:PID32 sid:PID32 comm:CHARBUF argv:CHARBUFARRAY exepath:FSPATH flags:FLAGS32:HEX:execve_flags env:CHARBUFARRAY cwd:CHARBUF fdlimit:UINT64 euid:UID egid:GID cap_permitted:UINT64:HEX cap_effective:UINT64:HEX cap_inheritable:UINT64:HEX exe_ino_num:UINT64 exe_ino_ctime:ABSTIME exe_ino_mtime:ABSTIME vm_size:UINT32 vm_rss:UINT32 vm_swap:UINT32 pgft_maj:UINT64 pgft_min:UINT64 vtgid:PID32 vpid:PID32 pidns_init_start_ts:UINT64 cgroups:CHARBUFARRAY root:FSPATH start_time:ABSTIME tty:UINT32 loginuid:UID
432 task_file_pipe > FILE M fd:FD32 path:FSPATH ino_num:UINT64
434 task_file_memfd > FILE M fd:FD32 path:FSPATH ino_num:UINT64
436 task_file_regular > FILE M fd:FD32 path:FSPATH flags:FLAGS32:HEX:file_flags mnt_id:UINT32 ino_num:UINT64
438 task_file_directory > FILE M fd:FD32 path:FSPATH ino_num:UINT64
440 task_file_socket_inet > FILE M fd:FD32 sk_type:UINT16 sk_proto:UINT16 local_ip:IPV4ADDR:HEX local_port:PORT:HEX remote_ip:IPV4ADDR:HEX remote_port:PORT:HEX ino_num:UINT64
442 task_file_socket_inet6 > FILE M fd:FD32 sk_type:UINT16 sk_proto:UINT16 local_ip:IPV6ADDR:HEX local_port:PORT:HEX remote_ip:IPV6ADDR:HEX remote_port:PORT:HEX ino_num:UINT64
444 task_file_socket_unix > FILE M fd:FD32 sk_type:UINT16 sk_proto:UINT16 sk_pointer:UINT64 sun_path:FSPATH ino_num:UINT64
446 task_file_socket_netlink > FILE M fd:FD32 sk_type:UINT16 sk_proto:UINT16 ino_num:UINT64
448 task_file_anon_inode > FILE M fd:FD32 fd_type:FLAGS8::anon_inode_fd_types path:FSPATH ino_num:UINT64
453 keyctl < OTHER - res:ERRNO operation:ENUMFLAGS32::keyctl_operations arg2:DYN::keyctl_dynamic_param arg3:DYN::keyctl_dynamic_param arg4:DYN::keyctl_dynamic_param arg5:DYN::keyctl_dynamic_param
`;
