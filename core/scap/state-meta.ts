import type { ContainerInfo } from '../events/syscall.ts';
import type { CaptureEvent } from './capture-event.ts';
import { learnContainer } from './containers.ts';
import { ThreadState } from './thread-state.ts';
import type { ThreadTable } from './thread-table.ts';

/** Events that tell of the machine instead of one thread. */
export type MetaHandler = (event: CaptureEvent, table: ThreadTable) => void;

function containerJson(event: CaptureEvent, table: ThreadTable): void {
  standIn(event, learnContainer(event.params.text(0), table), table);
}

/** Container events are shown with a process that stands for the container. */
function standIn(event: CaptureEvent, container: ContainerInfo | undefined, table: ThreadTable): void {
  if (container === undefined || event.merged) return;
  const thread = new ThreadState(table, -1, -1);
  thread.vtid = -2;
  thread.vpid = -2;
  thread.ptid = 0;
  thread.uid = 0;
  thread.gid = 0;
  thread.loginuid = 0;
  thread.comm = `container:${container.id}`;
  thread.container = container;
  event.thread = thread;
}

/** The first form of container events: id, type, name, image. */
function containerFacts(event: CaptureEvent, table: ThreadTable): void {
  const { params } = event;
  const facts = { id: params.text(0), type: params.u32(1), name: params.text(2), image: params.text(3) };
  learnContainer(JSON.stringify({ container: facts }), table);
}

function userAdded({ params }: CaptureEvent, table: ThreadTable): void {
  const [uid, gid] = [params.u32(0), params.u32(1)];
  table.addUser(
    { uid, gid, name: params.text(2), home: params.text(3), shell: params.text(4) },
    params.text(5),
  );
}

function userDeleted({ params }: CaptureEvent, table: ThreadTable): void {
  table.removeUser(params.u32(0), params.text(5));
}

function groupAdded({ params }: CaptureEvent, table: ThreadTable): void {
  table.addGroup(params.u32(0), params.text(1), params.text(2));
}

function groupDeleted({ params }: CaptureEvent, table: ThreadTable): void {
  table.removeGroup(params.u32(0), params.text(2));
}

const ignored = (): void => undefined;

/** Events at the head of a capture that only say what was there: nobody sees them. */
export const INITIAL_EVENTS: ReadonlySet<number> = new Set([228, 272, 324, 354, 356, 358, 360]);

export const META_HANDLERS: ReadonlyMap<number, MetaHandler> = new Map([
  [228, containerFacts],
  [272, containerJson],
  [324, containerJson],
  [354, userAdded],
  [356, userDeleted],
  [358, groupAdded],
  [360, groupDeleted],
  [322, ignored],
  [402, ignored],
]);
