import type { FdState } from './fd-state.ts';

/** Numbers below twice the descriptors of a process, and these, are kept in an array. */
const DENSE_MIN = 16;
const NONE: (FdState | undefined)[] = [];

/**
 * The descriptors of a process by number. Small numbers come and go all the time: they live in an array, where
 * a Map would build itself anew every few changes. The array never outgrows what the process has open.
 */
export class FdTable {
  #dense = NONE;
  #sparse: Map<number, FdState> | undefined = undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(number: number): FdState | undefined {
    return number >= 0 && number < this.#dense.length ? this.#dense[number] : this.#sparse?.get(number);
  }

  set(number: number, fd: FdState): void {
    if (this.get(number) === undefined) this.#size++;
    if (number < 0 || number >= this.#dense.length) {
      if (number < 0 || number >= 2 * this.#size + DENSE_MIN) {
        this.#sparse ??= new Map();
        this.#sparse.set(number, fd);
        return;
      }
      this.#grow(number);
    }
    this.#dense[number] = fd;
  }

  #grow(number: number): void {
    if (this.#dense === NONE) this.#dense = [];
    for (let next = this.#dense.length; next <= number; next++) {
      this.#dense.push(this.#sparse?.get(next));
      this.#sparse?.delete(next);
    }
  }

  delete(number: number): boolean {
    if (this.get(number) === undefined) return false;
    if (number >= 0 && number < this.#dense.length) this.#dense[number] = undefined;
    else this.#sparse?.delete(number);
    this.#size--;
    return true;
  }

  /** All descriptors with their numbers. */
  *[Symbol.iterator](): Generator<[number, FdState]> {
    for (const [number, fd] of this.#dense.entries()) if (fd !== undefined) yield [number, fd];
    if (this.#sparse !== undefined) yield* this.#sparse;
  }

  *values(): Generator<FdState> {
    for (const fd of this.#dense) if (fd !== undefined) yield fd;
    if (this.#sparse !== undefined) yield* this.#sparse.values();
  }
}
