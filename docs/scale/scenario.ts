import { adapterBytes } from './adapters.ts'
import { type Asked, cards, eightB, heldBy } from './cards.ts'
import { hitRatio, zipf } from './popularity.ts'
import { simulate } from './simulate.ts'

/** What the page reckons with. */
export const asked: Asked & { requestsPerS: number; adapters: number } = { requestsPerS: 10_000, adapters: 1_000_000, promptTokens: 110, tokens: 128 }
export const method = 'LoRA, rank 8 on q and v'
export const base = eightB
export const card = cards.find(({ name }) => name === 'H100 SXM')!
/** A runner at its limit lets requests wait; at this part of it, hardly any does. */
export const fullness = 0.7

export const held = heldBy(card, base, asked)
export const cardsNeeded = Math.ceil(asked.requestsPerS / (fullness * held.requestsPerS))
export const bytes = adapterBytes[method]!(base)
/** Little (1961): how many requests are under way, each as long as its tokens take in a full batch. */
export const underWay = Math.round(asked.requestsPerS * ((asked.tokens * held.rows) / held.tokensPerS))

export interface Caching {
  exponent: number
  /** Memory of one runner for compositions, in GB (`WEFT_COMPOSITION_BYTES`). */
  gb: number
  rendezvous: number
  random: number
}

/** Hit ratios, by how uneven the popularity is and by the memory of a runner. */
export function caching(): Caching[] {
  return [0.8, 1, 1.2].flatMap((exponent) => {
    const shares = zipf(asked.adapters, exponent)
    return [4, 16, 64].map((gb) => {
      const places = Math.floor((gb * 1e9) / bytes)
      return { exponent, gb, rendezvous: hitRatio(shares, places * cardsNeeded), random: hitRatio(shares, places) }
    })
  })
}

/** The same with the edge's own placing, request by request, at 4 GB a runner: what bounded load and replicas cost of it. */
export function simulated({ filling, requests } = { filling: 100_000, requests: 50_000 }) {
  const shares = zipf(asked.adapters, 1)
  const places = Math.floor(4e9 / bytes)
  const options = { shares, runners: cardsNeeded, places, filling, requests, requestsPerS: asked.requestsPerS, underWay, seed: 1 }
  return { ...options, rendezvous: simulate('rendezvous', options), random: simulate('random', options) }
}
