import { expect, test } from 'vitest'
import { EdgeOfRunners } from './edge-of-runners.test.setup.ts'

const method = { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 2 } }

/** How many jobs of these each runner gets; `joint` of each. */
async function spread(edge: EdgeOfRunners, words: readonly (string | undefined)[]): Promise<number[]> {
  const form = new FormData()
  form.set('purpose', 'fine-tune')
  form.set('file', new File(['{"text": "the weft is drawn"}\n{"text": "the warp stands still"}\n'], 'training.jsonl'))
  const { id: training_file } = (await (await edge.fetch('/v1/files', { method: 'POST', body: form })).json()) as { id: string }
  const jobs: string[] = []
  for (const joint of words) {
    const made = await edge.json('/v1/fine_tuning/jobs', { model: 'base', training_file, method, ...(joint === undefined ? {} : { joint }) })
    expect(made.http).toBe(200)
    jobs.push(made.id)
    // A runner that has it says so: the next one is chosen knowing of it.
    await expect.poll(() => edge.runners.some(({ jobs }) => jobs.has(made.id)), { timeout: 5000 }).toBe(true)
  }
  const counts = edge.runners.map((runner) => jobs.filter((id) => runner.jobs.has(id)).length)
  for (const id of jobs) await edge.json(`/v1/fine_tuning/jobs/${id}/cancel`, {})
  return counts.toSorted((a, b) => b - a)
}

test('jobs of one joint word go to one runner, where they can share a batch; others to the idlest', async () => {
  await using edge = await EdgeOfRunners.start(3)
  expect(await spread(edge, [undefined, undefined, undefined])).toEqual([1, 1, 1])
  expect(await spread(edge, ['night', 'night', 'night', 'night'])).toEqual([4, 0, 0])
})
