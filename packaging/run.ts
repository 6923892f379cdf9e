import { execFile } from 'node:child_process'

/** Runs a program to its end; resolves with its standard output. @throws what `failed` makes of all its output */
export const run = (program: string, args: readonly string[], cwd: string, failed: (output: string) => Error): Promise<string> =>
  new Promise((resolve, reject) =>
    execFile(program, [...args], { cwd, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => (error ? reject(failed(stdout + stderr)) : resolve(stdout))),
  )
