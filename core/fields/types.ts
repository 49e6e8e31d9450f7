import type { AuditEvent, EngineEvent, SyscallEvent } from '../events/syscall.ts';

/** A value read from an event; undefined stands for "cannot be extracted". */
export type Value = string | number | bigint | boolean | Uint8Array | readonly string[];
export type Extract = (event: EngineEvent) => Value | undefined;

/**
 * How a literal is read and compared. `number` covers every integer width, ids and durations in ns;
 * `path` differs from `string` in nothing but completion; `net` compares containment.
 */
export type FieldType = 'string' | 'path' | 'number' | 'port' | 'bool' | 'ip' | 'net' | 'bytes';

/**
 * one: a single value. any: several; a comparison holds when one of them satisfies it (`!=` too).
 * pair: both ends of a connection; like any, but `!=` needs every end to differ.
 * list: several; only exists, in (all of them) and intersects (one of them) apply.
 */
export type Cardinality = 'one' | 'any' | 'pair' | 'list';

export type FieldClass =
  | 'evt'
  | 'proc'
  | 'thread'
  | 'fd'
  | 'user'
  | 'group'
  | 'container'
  | 'k8s'
  | 'syslog'
  | 'fdlist'
  | 'ka'
  | 'jevt'
  | 'record';

export type ArgumentRule = {
  /** index: decimal number; key: name; pointer: JSON pointer. */
  readonly form: 'index' | 'key' | 'pointer';
  readonly required: boolean;
  /** Cardinality once an argument is given; defaults to one. */
  readonly cardinality?: Cardinality;
};

export type FieldDef = {
  readonly name: string;
  readonly class: FieldClass;
  readonly type: FieldType;
  readonly help: string;
  readonly argument?: ArgumentRule;
  /** Cardinality without argument. */
  readonly cardinality: Cardinality;
  /** Which event source carries it; undefined for both. */
  readonly source: 'syscall' | 'k8s_audit' | undefined;
  /** Name under which a stored event keeps what this field compares, when it is another field's value. */
  readonly storedAs?: string;
  readonly deprecated?: boolean;
  /** Resolved once at compile time: looks up nothing per event. */
  readonly bind: (argument: string | undefined) => Extract;
};

type Extra = Partial<
  Pick<FieldDef, 'argument' | 'cardinality' | 'storedAs' | 'deprecated'> & { source: undefined }
>;

/** Builds the definers of one class of syscall fields. */
export function syscallFields(cls: FieldClass) {
  return function define(
    name: string,
    type: FieldType,
    help: string,
    read: (event: SyscallEvent, argument: string) => Value | undefined,
    extra: Extra = {},
  ): FieldDef {
    const bind = (argument: string | undefined): Extract => {
      const text = argument ?? '';
      return (event) => (event.source === 'syscall' ? read(event, text) : undefined);
    };
    return { name, class: cls, type, help, cardinality: 'one', source: 'syscall', bind, ...extra };
  };
}

/** Builds the definers of one class of Kubernetes audit fields. */
export function auditFields(cls: FieldClass) {
  return function define(
    name: string,
    type: FieldType,
    help: string,
    read: (event: AuditEvent, argument: string | undefined) => Value | undefined,
    extra: Extra = {},
  ): FieldDef {
    const bind =
      (argument: string | undefined): Extract =>
      (event) =>
        event.source === 'k8s_audit' ? read(event, argument) : undefined;
    return { name, class: cls, type, help, cardinality: 'one', source: 'k8s_audit', bind, ...extra };
  };
}
