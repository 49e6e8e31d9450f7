import type { FdInfo } from '../events/syscall.ts';

type Tuple = NonNullable<FdInfo['tuple']>;

/** Kernel address families and protocols that the reader tells apart. */
export type L4 = Tuple['l4'];

/** One open descriptor. Shared by reference between duplicates only where the kernel shares it. */
export class FdState implements FdInfo {
  typechar: string;
  name: string;
  nameRaw: string | undefined = undefined;
  tuple: Tuple | undefined = undefined;
  openFlags = 0;
  ino = 0n;
  l4: L4 = 'na';
  /** The socket's role is known from accept or connect. */
  role: 'client' | 'server' | undefined = undefined;
  /** A close has begun and not ended; a successful open of the same number cancels it. */
  closing = false;
  closeCanceled = false;

  constructor(typechar: string, name: string) {
    this.typechar = typechar;
    this.name = name;
  }

  /** A copy for a duplicate or a child process. */
  clone(): FdState {
    const copy = new FdState(this.typechar, this.name);
    copy.nameRaw = this.nameRaw;
    copy.tuple = this.tuple;
    copy.openFlags = this.openFlags;
    copy.ino = this.ino;
    copy.l4 = this.l4;
    copy.role = this.role;
    return copy;
  }
}
