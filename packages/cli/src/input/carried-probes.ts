import { type AdapterRef, print } from '@weft/adapters'
import type { Probe } from '@weft/protocol'
import { carriesNoInputs } from '../errors.ts'

/**
 * What each adapter carries, by name: inputs to try it with. Error `carries_no_inputs` for one that carries none.
 * @param read of a reference; `undefined` where there are none, as beside a file that is not published
 * @param instead which option gives inputs in place of these
 */
export async function carriedProbes(
  references: readonly AdapterRef[],
  read: (reference: AdapterRef) => Promise<readonly Probe[]> | readonly Probe[] | undefined,
  instead: string,
): Promise<Map<string, readonly Probe[]>> {
  const found = new Map<string, readonly Probe[]>()
  for (const reference of references) {
    if (found.has(reference.name)) continue
    const carried = await readOrNone(() => read(reference))
    if (!carried?.length) throw carriesNoInputs(print(reference), instead)
    found.set(reference.name, carried)
  }
  return found
}

const readOrNone = async <T>(read: () => Promise<T> | T): Promise<T | undefined> => {
  try {
    return await read()
  } catch (error) {
    if ((error as { code?: unknown }).code === 'probes_not_found') return undefined
    throw error
  }
}
