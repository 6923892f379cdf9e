import type { ObjectStorages } from '@weft/edge/host'

/** The key under which a storage says whose it is: beside the objects, and so in no list of any. */
export const markKey = '.weft-database'

/** Objects, and of which database they are. */
export interface OwnStorage extends ObjectStorages {
  mark: StorageMark
}

export interface StorageMark {
  /** Where it lies, for whoever would look at it or remove it. */
  readonly place: string
  /** The id that it holds; undefined where there is none. */
  read(): Promise<string | undefined>
  /** Written unless there is one already. Gives the id that is there then. */
  write(id: string): Promise<string>
  /** Whether any object is beside it. */
  hasObjects(): Promise<boolean>
}
