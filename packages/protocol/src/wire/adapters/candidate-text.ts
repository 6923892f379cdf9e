import type { AdapterObject } from './adapters.ts'

/**
 * That a version which was published is none that its name stands for: it waits for its publish gate, or has not passed it.
 * @param isInForce whether the name stands for another version
 * @param more what else is told of it
 */
export const candidateText = ({ id, name, gate }: Pick<AdapterObject, 'id' | 'name' | 'gate'>, isInForce: boolean, more = ''): string =>
  `${id} is stored as a candidate${more}: ${gate?.status === 'failed' ? 'it has not passed its publish gate' : 'its publish gate is pending'}, and "${name}" ${isInForce ? 'stays what it was' : 'stands for no version yet'}.`

/** What each check of a gate came to, a line each. */
export const gateLines = ({ gate }: Pick<AdapterObject, 'gate'>): string[] =>
  (gate?.checks ?? []).map(
    ({ metric, value, bound, passed, reason }) =>
      `${metric}: ${reason ?? `${value?.toPrecision(4)}, and ${bound} is asked for${passed ? '' : ': not passed'}`}`,
  )
