import { basename } from 'node:path'

/** What a shell writes of `<(…)`, and of a pipe: a descriptor, which names nothing. */
const descriptor = /^\/(dev\/stdin|dev\/fd\/\d+|proc\/(self|\d+)\/fd\/\d+)$/

/** The name that a file is uploaded under: its own, without its folder; of what has none, a name that says so. */
export const uploadName = (path: string): string => (descriptor.test(path) ? 'piped.jsonl' : basename(path))
