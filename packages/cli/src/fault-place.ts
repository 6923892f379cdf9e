import { spawnSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'

/** A line of a module that somebody wrote: none of Node's own, and none of an installed package. */
const frames = /(?:file:\/\/)?((?:\/|[A-Za-z]:[\\/])[^\n:()]*\.[mc]?[jt]s):(\d+)/g

export interface Place {
  file: string
  line: number
}

/** Where a module, or one that it imports, went wrong: in `path` itself where the stack knows it, or in the first module beneath. Undefined where nobody says. */
export function faultPlace(path: string, error: unknown): Place | undefined {
  const places = placesIn(String((error as Error)?.stack ?? ''))
  const found = places.find(({ file }) => file === path) ?? places[0]
  if (found || !(error instanceof SyntaxError)) return found
  // V8 tells the place of such an error where nobody catches it. Nothing runs: what cannot be parsed is not begun.
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', `import ${JSON.stringify(pathToFileURL(path).href)}`], {
    encoding: 'utf8',
    timeout: 10_000,
  })
  return placesIn(stderr ?? '')[0]
}

const placesIn = (text: string): Place[] =>
  [...text.matchAll(frames)]
    .map(([, file, line]) => ({ file: decodeURI(file!), line: Number(line) }))
    .filter(({ file }) => !/[\\/]node_modules[\\/]/.test(file))
