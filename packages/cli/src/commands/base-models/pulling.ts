import type { DownloadProgress, PulledModel } from '@weft/model'
import { bytes } from '../../output/output.ts'

/** Pulls a model, and says on the way how far it has come. */
export const pulling = async (what: string, say: (text: string) => void, options: { name?: string; revision?: string } = {}): Promise<PulledModel> => {
  const { pullModel } = await import('@weft/model')
  return pullModel(what, { ...options, onNote: say, onProgress: progressSaid(say) })
}

/** Says how far a download has come, over all its files, in steps of ten per cent, and with which file. */
export const progressSaid = (say: (text: string) => void): ((progress: DownloadProgress) => void) => {
  let shown = ''
  return ({ file, done, total }) => {
    // Of the whole, not of the file: its name comes behind.
    const text = `${10 * Math.floor((10 * done) / Math.max(1, total))} % of ${bytes(total)}`
    if (text !== shown) say(`${text} (${file})`)
    shown = text
  }
}
