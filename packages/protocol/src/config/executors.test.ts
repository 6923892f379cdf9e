import { expect, test } from 'vitest'
import { defineConfig, type WeftConfig } from '../config.ts'

const ray = { kind: 'ray', url: 'http://ray:8265', edge: 'https://edge.example' } as const
const kubeflow = {
  kind: 'kubeflow',
  url: 'https://k8s',
  edge: 'https://edge.example',
  namespace: 'weft',
  token: 'KUBE_TOKEN',
  image: 'weft-trainer:1',
} as const
const local = { kind: 'local' } as const
const defined = (executors: object) => defineConfig({ models: { base: {} }, plugins: [], executors } as WeftConfig)

test('each kind is taken as it stands', () => {
  const executors = {
    ray: { ...ray, token: 'RAY_TOKEN', workers: 2, gpus: 0.5, cpus: 4, models: { base: '/models/base' }, hours: 2 },
    cluster: { ...kubeflow, nodes: 2, gpus: 8 },
    here: local,
  }
  expect(defined(executors).executors).toEqual(executors)
})

test.each<[object, RegExp]>([
  [{ 'a b': local }, /executors\.a b: a name has letters/],
  [{ x: { kind: 'slurm' } }, /x\.kind: "slurm" is none; expected "local", "ray", "kubeflow"/],
  [{ x: { ...local, url: 'http://x' } }, /x\.url: no such field is read here/],
  [{ x: { kind: 'ray', url: 'http://ray' } }, /x\.edge: expected a text/],
  [{ x: { ...ray, url: 'ray:8265' } }, /x\.url: "ray:8265" is no URL/],
  [{ x: { ...ray, token: 'eyJhbGciOi' } }, /x\.token: expected the name of a variable/],
  [{ x: { ...ray, workers: 1.5 } }, /x\.workers: 1\.5/],
  [{ x: { ...ray, gpus: 0 } }, /x\.gpus: 0; expected a number above 0/],
  [{ x: { ...ray, namespace: 'weft' } }, /x\.namespace: no such field/],
  [{ x: { ...kubeflow, image: undefined as never } }, /x\.image: expected a text/],
  [{ x: { ...kubeflow, gpus: 1.5 } }, /x\.gpus: 1\.5; a process has one of them whole/],
  [{ x: { ...local, models: { other: '/m' } } }, /x\.models\.other: there is no such base model; expected "base"/],
])('%j is refused by name', (executors, message) =>
  expect(() => defined(executors)).toThrow(expect.objectContaining({ code: 'executors_config_invalid', message: expect.stringMatching(message) })),
)
