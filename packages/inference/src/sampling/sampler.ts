import { largest } from './largest.ts'

/** How the next token is chosen. The order is Hugging Face's: temperature, top-k, top-p, min-p. */
export interface Sampling {
  /** 0 is greedy: the highest logit, the lowest id among equals. */
  temperature: number
  topK?: number
  topP?: number
  /** Tokens less likely than this share of the likeliest one are left out (Nguyen et al. 2024). */
  minP?: number
  /** How many alternatives to report; the chosen token's own log-probability comes with any number, 0 included. */
  logprobs?: number
}

export interface TokenLogprob {
  token: number
  logprob: number
}

export interface Sampled extends Partial<Pick<TokenLogprob, 'logprob'>> {
  token: number
  topLogprobs?: TokenLogprob[]
}

/**
 * Picks one token from `logits` `[V]`.
 *
 * Log-probabilities are those of `own`, the model's before penalties, biases, temperature and cuts, as OpenAI reports them.
 * @param logits what is drawn from; `own` itself unless something was adjusted
 * @param uniform draws from [0, 1); called exactly once unless greedy, so that a seed fixes the whole text
 * @param best the index of the largest of `logits`, where it is known
 */
export function sample(logits: Float32Array, sampling: Sampling, uniform: () => number, own = logits, best?: number): Sampled {
  const token = sampling.temperature <= 0 ? (best ?? argMax(logits)) : draw(logits, sampling, uniform(), best)
  if (sampling.logprobs === undefined) return { token }
  const normalizer = logSumExp(own)
  const topLogprobs = largest(own, sampling.logprobs).map((id) => ({ token: id, logprob: own[id]! - normalizer }))
  return { token, logprob: own[token]! - normalizer, topLogprobs }
}

/** The index of the largest, the first among equals. Four at a time are seldom larger: about half the time of asking each, for every token of every row. */
export function argMax(values: Float32Array): number {
  let best = 0
  let most = values[0]!
  const look = (from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      if (!(values[i]! > most)) continue
      most = values[i]!
      best = i
    }
  }
  let i = 1
  for (; i + 4 <= values.length; i += 4) if (values[i]! > most || values[i + 1]! > most || values[i + 2]! > most || values[i + 3]! > most) look(i, i + 4)
  look(i, values.length)
  return best
}

/** log Σ exp(x), with the maximum taken out first so that nothing overflows. */
export function logSumExp(values: Float32Array): number {
  const max = values[argMax(values)]!
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! - max)
  return max + Math.log(sum)
}

/** Weights of the whole vocabulary, for one draw at a time. */
let scratch = new Float64Array(0)

function draw(logits: Float32Array, { temperature, topK, topP, minP = 0 }: Sampling, u: number, best = argMax(logits)): number {
  const max = logits[best]!
  // The likeliest token weighs 1, so a weight is a share of its probability.
  const weight = (id: number) => Math.exp((logits[id]! - max) / temperature)
  const enough = (weight: number) => (weight >= minP ? weight : 0)
  const cut = topP !== undefined && topP < 1
  if (topK !== undefined && topK > 0 && topK < logits.length) {
    const ids = largest(logits, topK)
    const weights = ids.map(weight)
    return pick(ids, weights.map(enough), cut ? nucleusSize(weights, topP) : ids.length, u)
  }
  // Kept from draw to draw: the garbage of a draw for every token of every row holds up whoever else the process answers.
  if (scratch.length < logits.length) scratch = new Float64Array(logits.length)
  const weights = scratch.subarray(0, logits.length)
  let total = 0
  for (let id = 0; id < logits.length; id++) {
    const share = Math.exp((logits[id]! - max) / temperature)
    // A logit that is no number is never drawn, as it is never the largest; with it in the sum, only the last token would be.
    total += weights[id] = Number.isNaN(share) ? 0 : share
  }
  if (!cut) {
    if (minP <= 0) return inverseCdf(weights, total * u)
    let kept = 0
    for (let id = 0; id < logits.length; id++) kept += weights[id] = enough(weights[id]!)
    return inverseCdf(weights, kept * u)
  }
  // All tokens whose probability is below (1 − p)/V hold less than 1 − p together, so none of them is in the nucleus:
  // the sort sees the few hundred others and not the whole vocabulary.
  const floor = ((1 - topP) * total) / logits.length
  const ids: number[] = []
  for (let id = 0; id < logits.length; id++) if (weights[id]! >= floor) ids.push(id)
  ids.sort((a, b) => weights[b]! - weights[a]! || a - b)
  const sorted = ids.map((id) => weights[id]!)
  return pick(ids, sorted.map(enough), nucleusSize(sorted, topP, total), u)
}

/** How many of the descending weights are needed to reach a share of `topP`; the one that crosses it stays (Holtzman et al. 2020). */
function nucleusSize(weights: number[], topP: number, total = weights.reduce((sum, w) => sum + w, 0)): number {
  let mass = 0
  for (let i = 0; i < weights.length; i++) if ((mass += weights[i]!) >= topP * total) return i + 1
  return weights.length
}

function pick(ids: number[], weights: number[], size: number, u: number): number {
  let total = 0
  for (let i = 0; i < size; i++) total += weights[i]!
  return ids[inverseCdf(weights.slice(0, size), total * u)]!
}

function inverseCdf(weights: ArrayLike<number>, target: number): number {
  let mass = 0
  let last = 0
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue
    last = i
    if ((mass += weights[i]!) > target) return i
  }
  return last
}
