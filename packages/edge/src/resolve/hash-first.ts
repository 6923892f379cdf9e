import { isWeftError } from '@weft/protocol'
import { runnerUnavailable, siteNotServed } from '../errors.ts'
import { spanned } from '../observed/spanned.ts'
import type { Caller } from '../runner/caller.ts'
import type { Compositions } from '../runner/compositions.ts'
import type { Inference } from '../runner/inference.ts'
import { Placement } from '../runner/pool/placement.ts'
import type { PackModel } from './pack-model.ts'
import type { ResolvedModel } from './resolve-model.ts'

const hasCode = (error: unknown, code: string): boolean => isWeftError(error) && error.code === code

export type HashFirst = <T>(
  resolve: (options: { fresh: boolean }) => Promise<ResolvedModel>,
  /** Asks for all that it asks with this placement, so that one runner gets it. */
  call: (resolved: ResolvedModel, placement: Placement) => Promise<T>,
  caller?: Caller,
) => Promise<{ resolved: ResolvedModel; answer: T }>

/** What a runner says that has come to hold another base model than the one that was last heard of. */
const ofAnotherModel = ['model_not_found', 'wrong_base_model', 'composition_of_another_model']
const isOfAnotherModel = (error: unknown): boolean => ofAnotherModel.some((code) => hasCode(error, code))

/**
 * Calls the runner with the composition's key alone, and sends tensors only when it does not hold them. What was resolved is not resolved again for that.
 * Only where the runner turns out to be another one over another model is everything looked up afresh.
 */
export const hashFirst =
  ({ compositions, inference, pack }: { compositions: Compositions; inference: Inference; pack: PackModel }): HashFirst =>
  async (resolve, call, caller) => {
    const resolved = await spanned('resolve', caller, () => resolve({ fresh: false })).catch((error: unknown) => {
      // The runner may hold the right model again: what was heard of it is half a minute old at most, and 409 is for good.
      if (!hasCode(error, 'wrong_base_model')) throw error
      return spanned('resolve', caller, () => resolve({ fresh: true }))
    })
    checkSites(inference, resolved)
    let placement = new Placement()
    try {
      return { resolved, answer: await call(resolved, placement) }
    } catch (error) {
      if (hasCode(error, 'composition_not_held')) {
        try {
          return await sendAndCall(resolved)
        } catch (again) {
          if (!isOfAnotherModel(again)) throw again
        }
      } else if (!isOfAnotherModel(error)) throw error
    }
    const fresh = await spanned('resolve', caller, () => resolve({ fresh: true }))
    checkSites(inference, fresh)
    placement = new Placement()
    return sendAndCall(fresh)

    async function sendAndCall(of: ResolvedModel) {
      let lost = 0
      for (;;) {
        const sentTo = await send(of)
        try {
          return { resolved: of, answer: await call(of, placement) }
        } catch (error) {
          if (!hasCode(error, 'composition_not_held')) throw error
          // One that took the place of a runner which went down meanwhile has not got it yet; and one may be another process by now, which happens once.
          if (placement.at === sentTo && ++lost > 1) throw runnerUnavailable('it lost a composition as soon as it had it')
        }
      }
    }

    /** @returns the runner that has all parts then, where there are several */
    async function send(of: ResolvedModel): Promise<Placement['at']> {
      for (;;) {
        const sentTo = new Set<Placement['at']>()
        for (const part of of.parts) {
          const bytes = await spanned('compose', caller, () => pack(of, part))
          await spanned('upload', caller, (traced) => compositions.put(part.key, bytes, traced && { ...traced, placement }))
          sentTo.add(placement.at)
        }
        // Where one went down between two parts, another has the rest, and lacks the first.
        if (sentTo.size <= 1) return placement.at
      }
    }
  }

/** Error 422 `site_not_served`: the backend says at which sites it lets adapters act. */
function checkSites(inference: Inference, { adapters, base, canonical }: ResolvedModel): void {
  const { sites, outputs } = inference.capabilities(base)
  const served = Object.keys(sites).filter((site) => sites[site].support !== 'refused')
  for (const { manifest } of adapters.values())
    for (const site of manifest.sites) if (!served.includes(site)) throw siteNotServed(site, base.name, served, sites[site]?.why)
  if (canonical.outputs && outputs.support === 'refused') throw siteNotServed(`outputs (${canonical.outputs.operator})`, base.name, served, outputs.why)
}
