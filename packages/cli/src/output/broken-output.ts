import { outputUnwritable } from '../errors.ts'

/**
 * Ends the process when its output has no place to go: quietly where the reader has gone (`weft … | head`), with one line where the
 * disk is full. Writing to a stream reports this as an event, which without a listener ends a process with a stack.
 */
export const endOnBrokenOutput = (): void => {
  for (const stream of [process.stdout, process.stderr]) if (!stream.listeners('error').includes(onError)) stream.on('error', onError)
}

const onError = (error: NodeJS.ErrnoException): void => {
  if (error.code === 'EPIPE') process.exit()
  process.stderr.write(`weft: ${outputUnwritable(error).message}\n`)
  process.exit(1)
}
