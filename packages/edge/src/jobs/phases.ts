import { adapterRefs, parse, print, splitModel } from '@weft/adapters'
import type { CreateJob, TrainingSpec } from '@weft/protocol'
import { adapterId } from '../adapters/adapter-object.ts'
import { invalidRequest } from '../errors.ts'
import { findAdapter } from '../resolve/adapter-refs.ts'
import { defaultModel } from '../resolve/model-catalog.ts'
import { withVersions } from '../resolve/with-versions.ts'
import type { AdapterNames } from '../stores/adapter-names.ts'

type Phases = Pick<TrainingSpec, 'on' | 'from' | 'partners' | 'locality'>

/**
 * What a job trains on, from and beside, with the version that every name stands for now, and the adapters to send along.
 * Errors: 400 for an expression that is none, 404 for adapters that are not there.
 */
export async function phasesOf(
  { on, from, partners, locality }: CreateJob,
  names: AdapterNames,
): Promise<{ phases: Phases; required: TrainingSpec['required'] }> {
  const required = new Map<string, string>()
  const pinned = async (text: string, param: string): Promise<string> => {
    const { rest } = splitModel(parse(text), [defaultModel], defaultModel)
    if (!rest) throw invalidRequest(`"${text}" names no adapter`, param)
    const found = new Map(await Promise.all(adapterRefs(rest).map(async (ref) => [print(ref), await findAdapter(names, ref, param)] as const)))
    for (const adapter of found.values()) required.set(adapterId(adapter), adapter.digest)
    return print(withVersions(rest, found))
  }
  if (from !== undefined && parse(from).kind !== 'adapter') throw invalidRequest(`"${from}" must be one adapter, such as "style/speech@1"`, 'from')
  const phases: Phases = {
    ...(on === undefined ? {} : { on: await pinned(on, 'on') }),
    ...(from === undefined ? {} : { from: await pinned(from, 'from') }),
    ...(partners ? { partners: { ...partners, adapters: await Promise.all(partners.adapters.map((text) => pinned(text, 'partners.adapters'))) } } : {}),
    ...(locality ? { locality } : {}),
  }
  return { phases, required: [...required].map(([ref, digest]) => ({ ref, digest })) }
}
