import type { BenchComposeResult } from '@weft/bench/compose/run'

/** Head and rows: what each task scores under each composition. */
export const composeTable = ({ base, compositions }: BenchComposeResult): [string[], (string | number)[][]] => [
  ['composition', 'A: accuracy', 'AUC', 'calibrated', 'B: perplexity', 'D: in JSON', 'and right', 'calibrated'],
  Object.entries({ base, ...compositions }).map(([expression, { A, B, D }]) => [
    expression,
    cell(A?.accuracy),
    cell(A?.auc),
    cell(A?.calibrated?.accuracy),
    B?.perplexity?.toFixed(1) ?? '',
    cell(D?.format),
    cell(D?.exact),
    cell(D?.calibrated?.exact),
  ]),
]

const cell = (value: number | undefined): string => value?.toFixed(2) ?? ''
