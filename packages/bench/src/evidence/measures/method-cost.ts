import { benchMethods } from '../../methods/run.ts'
import type { RunContext } from '../part.ts'
import type { Cell, Values } from '../row.ts'

const settings = { batch: 4, tokens: 64, virtualTokens: 20, rounds: 1, steps: 3, promptTokens: 64, newTokens: 16, requests: 3 }

export const costCell = (model: string, method: string): Cell => ({ settings: { measure: 'method cost', model, method, ...settings }, seed: 0 })

/** What a method costs, as `weft bench methods` measures it; `left_out` with an error's code where the base has no place for it. */
export const methodCost = async (cell: Cell, { source, threads = 1, onNote }: RunContext): Promise<Values> => {
  const { methods, left_out } = await benchMethods({ ...settings, model: source, methods: [String(cell.settings.method)], threads, onNote })
  return methods.length > 0 ? { ...methods[0] } : { left_out: left_out[0].code }
}
