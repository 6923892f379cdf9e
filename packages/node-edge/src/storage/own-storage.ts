import type { ObjectStorages } from '@weft/edge/host'

/** The key under which a storage says whose it is: beside the objects, and so in no list of any. */
export const markKey = '.weft-database'

/** Objects, and of which database they are. */
export interface OwnStorage extends ObjectStorages {
  mark: StorageMark
  /** Removes what a process that was killed has left half written; for whoever alone writes there. Error `storage_not_writable`. */
  removePartial(): Promise<void>
}

export interface StorageMark {
  /** Where it lies, for whoever would look at it or remove it. */
  readonly place: string
  /** The id that it holds; undefined where there is none. */
  read(): Promise<string | undefined>
  /** Written unless there is one already. Gives the id that is there then. */
  write(id: string): Promise<string>
  /** Written over whatever is there; undefined removes it. */
  replace(text: string | undefined): Promise<void>
  /** Whether any object is beside it. */
  hasObjects(): Promise<boolean>
}

export interface OpenStorageOptions {
  /** It is only read: whether it can be written is not tried. */
  reads?: boolean
}
