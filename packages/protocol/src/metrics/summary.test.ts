import { expect, test } from 'vitest'
import { quantileOf, readSamples, sumOf } from './samples.ts'
import { summaryOf } from './summary.ts'

const text = (requests: number, [fast, all]: [number, number]) => `
# HELP vllm:request_success_total x
# TYPE vllm:request_success_total counter
vllm:request_success_total{model_name="base",tenant="a\\"b",route="",finished_reason="stop"} ${requests}
vllm:generation_tokens_total{model_name="base",tenant="a\\"b",route=""} ${requests * 10}
vllm:num_requests_running{model_name="base"} 2
vllm:num_requests_running{model_name="other"} 1
vllm:time_to_first_token_seconds_bucket{le="0.1",tenant="a"} ${fast}
vllm:time_to_first_token_seconds_bucket{le="0.5",tenant="a"} ${all}
vllm:time_to_first_token_seconds_bucket{le="+Inf",tenant="a"} ${all}
`

test('samples have their labels and values', () => {
  const samples = readSamples(text(4, [1, 2]))
  expect(sumOf(samples, 'vllm:num_requests_running')).toBe(3)
  expect(samples[0]).toEqual({
    name: 'vllm:request_success_total',
    labels: { model_name: 'base', tenant: 'a"b', route: '', finished_reason: 'stop' },
    value: 4,
  })
})

test('rates and quantiles are of the time between two scrapes', () => {
  const before = { samples: readSamples(text(4, [1, 2])), at: 1000 }
  const now = { samples: readSamples(text(10, [4, 8])), at: 3000 }
  expect(summaryOf(now)).toMatchObject({ requestsPerS: null, running: 3, answered: 10, prefixHits: null })
  expect(summaryOf(now, before)).toMatchObject({ requestsPerS: 3, generatedTokensPerS: 30, tenants: [{ tenant: 'a"b', requests: 10, tokens: 100 }] })
  // Six between them, three at most 0.1 s: the median is that bound, and the sixth lies at the next.
  expect(quantileOf(0.5, 'vllm:time_to_first_token_seconds', now.samples, before.samples)).toBeCloseTo(0.1, 9)
  expect(quantileOf(1, 'vllm:time_to_first_token_seconds', now.samples, before.samples)).toBeCloseTo(0.5, 9)
  expect(quantileOf(0.5, 'vllm:time_to_first_token_seconds', now.samples, now.samples)).toBeUndefined()
})
