import type { WeftClient } from '@weft/client'
import { type FineTuningJob, isWeftError } from '@weft/protocol'
import type { AskedRows } from '../verdict/verdict-text.ts'
import { askedAs } from './offered-functions.ts'

/** Bytes of the stored file whose rows are looked at: the first row and a few more. */
const LOOKED_AT = 1 << 16

/** How what a job learned is asked, by its stored training file, under the name that it was given; undefined where that cannot be read. */
export async function rowsOfJob({ files }: Pick<WeftClient, 'files'>, { trainingFile }: Pick<FineTuningJob, 'trainingFile'>): Promise<AskedRows | undefined> {
  try {
    const asked = askedAs(await beginning(await files.stream(trainingFile)))
    return { chat: asked !== 'other', ...(asked === 'functions' && { tools: (await files.get(trainingFile)).filename }) }
  } catch (error) {
    // The job is followed all the same.
    if (!isWeftError(error)) throw error
    return undefined
  }
}

async function beginning(content: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let length = 0
  // Leaving the loop cancels what has not come yet.
  for await (const piece of content) {
    pieces.push(piece)
    length += piece.length
    if (length >= LOOKED_AT) break
  }
  return new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer())
}
