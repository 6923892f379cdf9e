import { type AdapterRef, adapterRefs, canonical, errors, print, type ResolvedAdapter, splitModel } from '@weft/adapters'
import type { CreateJob, TrainingSpec } from '@weft/protocol'
import { adapterId } from '../adapters/adapter-object.ts'
import { invalidRequest } from '../errors.ts'
import { resolvedOf } from '../resolve/adapter-refs.ts'
import { findNamed } from '../resolve/find-named.ts'
import { defaultModel } from '../resolve/model-catalog.ts'
import { inField, parseField } from '../resolve/parse-field.ts'
import { withVersions } from '../resolve/with-versions.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'

type Phases = Pick<TrainingSpec, 'on' | 'from' | 'partners' | 'locality' | 'pairs' | 'document'>

/**
 * What a job trains on, from and beside, with the version that every name stands for now, and the adapters to send along.
 * Errors: 400 for an expression that is none, and for what could never run with what is trained over it; 404 for adapters that are not there.
 * @param job.trained what will be composed with what lies beneath
 * @param job.model the base that is trained on: `base` in an expression means it, whichever that is
 * @param job.models names of base models
 */
export async function phasesOf(
  { on, from, partners, locality, pairs, document }: CreateJob,
  stores: Pick<PrincipalStores, 'names' | 'routes' | 'jobs' | 'allowed'>,
  { trained, model, models }: { trained: ResolvedAdapter; model: string; models: readonly string[] },
): Promise<{ phases: Phases; required: AdapterVersion[] }> {
  const required = new Map<string, AdapterVersion>()
  const own: AdapterRef = { kind: 'adapter', name: trained.ref }
  /** Expressions with versions; the adapters of all of them are looked up together. */
  const pinned = async (texts: readonly string[], param: string): Promise<string[]> => {
    const parsed = texts.map((text) => {
      const parsed = parseField(text, param)
      const { model: named, rest } = inField(param, () => splitModel(parsed, models, defaultModel))
      if (named !== defaultModel && named !== model) throw invalidRequest(`"${text}" is of the model "${named}", and the job trains on "${model}"`, param)
      if (!rest) throw invalidRequest(`"${text}" names no adapter`, param)
      return rest
    })
    const found = await findNamed(stores, parsed.flatMap(adapterRefs), param, models)
    for (const rest of parsed) {
      const { outputs } = inField(param, () => canonical(rest, resolvedOf(found)))
      if (outputs) throw errors.outputsInside(outputs.operator, param)
      if (param === 'on') inField(param, () => canonical({ kind: 'sum', terms: [rest, own] }, (ref) => (ref === own ? trained : resolvedOf(found)(ref))))
    }
    for (const adapter of found.values()) required.set(adapterId(adapter), adapter)
    return parsed.map((rest) => print(withVersions(rest, found)))
  }
  if (partners && partners.adapters.length === 0 && !partners.texts && !partners.randomRows)
    throw invalidRequest('nobody is left to stand beside the adapter: name "adapters", or leave "texts" or "random_rows" true', 'partners')
  if (from !== undefined && parseField(from, 'from').kind !== 'adapter') throw invalidRequest(`"${from}" must be one adapter, such as "style/speech@1"`, 'from')
  const phases: Phases = {
    ...(on === undefined ? {} : { on: (await pinned([on], 'on'))[0]! }),
    ...(from === undefined ? {} : { from: (await pinned([from], 'from'))[0]! }),
    ...(partners ? { partners: { ...partners, adapters: await pinned(partners.adapters, 'partners.adapters') } } : {}),
    ...(locality ? { locality } : {}),
    ...(pairs ? { pairs } : {}),
    ...(document ? { document } : {}),
  }
  return { phases, required: [...required.values()] }
}
