import { statSync } from 'node:fs'
import type { ObjectStorage, StoredObject } from '@weft/edge/host'
import { deploymentOf } from '../bind-storage.ts'
import { openDatabase } from '../database/open-database.ts'
import { movedOntoItself, nothingToMove, objectsNotMoved, storageMarkedByAnother, storageNotEmpty } from '../errors.ts'
import { isHome, pathOf } from '../scheme.ts'
import { openStorage } from '../storage/open-storage.ts'
import type { OwnStorage } from '../storage/own-storage.ts'
import { fillingMark, isFilling, requireFilled, requireInPlace } from './move-marks.ts'
import { areOneInOther, placeOf, shownPlace } from './places.ts'

/** A bucket answers several at a time; a disk is not slower for it. */
const atATime = 8
const parts = ['adapters', 'files', 'checkpoints'] as const

export interface MoveStorageOptions {
  /** The database whose storage it is: whoever works with it writes there. */
  database: string
  /** A folder, or `s3://bucket/prefix`. */
  from: string
  /** As `from`: one in which nothing is, or what an earlier move to it has left there. */
  to: string
  /** Of the environment, for S3: `AWS_*`. */
  environment: NodeJS.ProcessEnv
}

export interface MovedStorage {
  objects: number
  bytes: number
  /** Of the objects: those that an earlier move had brought already. */
  kept: number
}

/**
 * Copies what a storage holds to another one, each object with its digest, and at last the mark of its database: until then it says there that it is half moved, and is
 * not served. It goes on where an earlier one broke off. The old storage stays as it is, and is only read. Nobody may serve its database meanwhile: what is written then
 * would not be seen.
 *
 * @throws WeftError those of `openDatabase` and `openStorage`; 400 `nothing_to_move`, `storage_not_empty`, `storage_of_another_database`, `database_moved`,
 * `database_half_moved`, `storage_half_moved`; 500 `objects_not_moved`, when all others are there
 */
export async function moveStorage({ database, from, to, environment }: MoveStorageOptions): Promise<MovedStorage> {
  if (areOneInOther(placeOf(from), placeOf(to))) throw movedOntoItself(from)
  // Opening a folder would make it. What is no place at all is told so when it is opened.
  const folder = isHome(from) ? undefined : pathOf(from)
  if (folder !== undefined && !statSync(folder, { throwIfNoEntry: false })) throw nothingToMove(from)
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => {})
  const held = await openDatabase(database, { onNew: async () => Promise.reject(nothingToMove(database)), onLost: lost.reject })
  try {
    await requireInPlace(held, database)
    const source = await openStorage(from, environment, { reads: true })
    const id = await source.mark.read()
    requireFilled(id, source.mark, from)
    if (id === undefined && !(await source.mark.hasObjects())) throw nothingToMove(from)
    if (id !== undefined && id !== (await deploymentOf(held))) throw storageMarkedByAnother(from, database, source.mark.place)
    const target = await openStorage(to, environment)
    const isWhole = await requireOwn(source, target, to, id)
    if (!isWhole) await target.mark.replace(fillingMark(id, shownPlace(from)))
    const result = await Promise.race([copied(source, target, to), lost.promise])
    if (!isWhole) await target.mark.replace(id)
    return result
  } finally {
    await held.close()
  }
}

async function copied(source: OwnStorage, target: OwnStorage, to: string): Promise<MovedStorage> {
  const moved: MovedStorage = { objects: 0, bytes: 0, kept: 0 }
  const failed: { key: string; reason: string }[] = []
  for (const part of parts) {
    const there = new Map((await target[part].list('')).map((object) => [object.id, object]))
    const waiting = (await source[part].list('')).values()
    const move = async (): Promise<void> => {
      for (const object of waiting) {
        try {
          if (there.get(object.id)?.bytes === object.bytes && (await isSameDigest(source[part], target[part], object.id))) moved.kept += 1
          else await copyObject(source[part], target[part], object)
          moved.objects += 1
          moved.bytes += object.bytes
        } catch (error) {
          failed.push({ key: `${part}/${object.id}`, reason: (error as Error).message })
        }
      }
    }
    await Promise.all(Array.from({ length: atATime }, move))
  }
  if (failed.length > 0) throw objectsNotMoved(to, failed)
  return moved
}

/**
 * That whatever the target has is of the source: it was brought by an earlier move. Where that one broke off, the source was served since, and may have lost some of it:
 * nobody else has written to the target, so that is removed. Gives whether the earlier move came to its end.
 */
async function requireOwn(source: OwnStorage, target: OwnStorage, to: string, id: string | undefined): Promise<boolean> {
  const marked = await target.mark.read()
  const isHalf = marked !== undefined && isFilling(marked, id)
  if (marked !== undefined && marked !== id && !isHalf) throw storageNotEmpty(to, target.mark.place)
  for (const part of parts) {
    const there = await target[part].list('')
    if (there.length === 0) continue
    const known = new Set((await source[part].list('')).map((object) => object.id))
    for (const object of there) {
      if (known.has(object.id)) continue
      // Without an id it may have been another storage that it was filled from.
      if (!isHalf || id === undefined) throw storageNotEmpty(to, `${part}/${object.id}`)
      await target[part].delete(object.id)
    }
  }
  return marked !== undefined && marked === id
}

/** A move that was ended may have left an object whose digest is not noted yet: who asks for it would take it for damaged. */
async function isSameDigest(source: ObjectStorage, target: ObjectStorage, id: string): Promise<boolean> {
  const [one, other] = await Promise.all([source.head(id), target.head(id)])
  return one?.digest === other?.digest
}

/** What was put with its digest is put so again, which compares it; of the rest the length is compared. */
async function copyObject(source: ObjectStorage, target: ObjectStorage, { id, bytes }: StoredObject): Promise<void> {
  const digest = (await source.head(id))?.digest
  if (digest !== undefined) await target.put(id, (await source.get(id)) ?? new Uint8Array(), digest)
  else await target.putStream(id, (await source.stream(id, 0)) ?? new Blob([]).stream(), bytes)
}
