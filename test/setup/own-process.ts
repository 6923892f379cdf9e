import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** What others in its process would notice of a file, or would spoil for it: it mocks whole modules, it signals or measures a whole process, or it says so and why. */
const ofTheProcess = /\bvi\.mock\(|\bprocess\.(emit|cpuUsage|memoryUsage|resourceUsage|chdir)\(|\bsetFlagsFromString\(|\/\/ This needs its own process: /

/**
 * The test files that must have a process to themselves.
 * @param include patterns of test files, from the repository's root
 * @param exclude of those, the ones that are nobody's here
 */
export const filesWithOwnProcess = (include: readonly string[], exclude: readonly string[]): string[] =>
  globSync([...include], { cwd: root, exclude: [...exclude] })
    .filter((file) => ofTheProcess.test(readFileSync(join(root, file), 'utf8')))
    .sort()
