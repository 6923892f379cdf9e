import { parse, print, Random, readAdapter, toJson } from '@weft/adapters'
import { checkTrainingFile, isWeftError } from '@weft/protocol'
import { anyAdapterFile } from './adapter-files.ts'
import { anyExpression } from './expressions.ts'
import { count, emptyReport, type FuzzReport, fail } from './report.ts'
import { anyTrainingFile } from './training-files.ts'

const shown = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, 400)).toString('latin1')

/** Runs something hostile: an error must be coded and the caller's; anything else is a fault of ours. */
async function attempt(report: FuzzReport, input: string, run: () => unknown): Promise<void> {
  try {
    await run()
    count(report, 200)
  } catch (error) {
    const status = isWeftError(error) ? error.status : 500
    count(report, status)
    if (status >= 500) fail(report, input, String((error as Error).stack))
  }
}

export async function fuzzAdapters(
  valid: Uint8Array,
  { seed, runs, read = readAdapter }: { seed: number; runs: number; read?: (file: Uint8Array) => unknown },
): Promise<FuzzReport> {
  const report = emptyReport('adapter files')
  for (let i = 0; i < runs; i++) {
    const file = anyAdapterFile(new Random(`adapter ${seed} ${i}`), valid)
    await attempt(report, shown(file), () => read(file))
  }
  return report
}

export async function fuzzExpressions({ seed, runs, names }: { seed: number; runs: number; names: readonly string[] }): Promise<FuzzReport> {
  const report = emptyReport('expressions')
  for (let i = 0; i < runs; i++) {
    const text = anyExpression(new Random(`expression ${seed} ${i}`), names)
    await attempt(report, text, () => {
      const expression = parse(text)
      if (JSON.stringify(toJson(parse(print(expression)))) !== JSON.stringify(toJson(expression))) throw new TypeError('what was printed is another expression')
    })
  }
  return report
}

export async function fuzzTrainingFiles({ seed, runs }: { seed: number; runs: number }): Promise<FuzzReport> {
  const report = emptyReport('training files')
  for (let i = 0; i < runs; i++) {
    const file = anyTrainingFile(new Random(`file ${seed} ${i}`))
    await attempt(report, shown(file), () => checkTrainingFile(new Blob([file]).stream()))
  }
  return report
}
