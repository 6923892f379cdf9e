import { WeftError } from '@weft/adapters'

/** What is wrong names the deployment's own addresses: strangers are not told. */
export const deploymentMisconfigured = () =>
  new WeftError(
    'deployment_misconfigured',
    'This deployment cannot answer: its variables or its configuration are not what they have to be. Its log says which.',
    {
      status: 500,
    },
  )

/** @param value undefined where the variable is not there; `…` in place of a secret */
export const invalidVariable = (name: string, value: string | undefined, expected: string) =>
  new WeftError('invalid_variable', `The variable ${name} is ${value === undefined ? 'missing' : `"${value}"`}. Expected ${expected}.`, { status: 400 })

/** @param cause what `defineConfig` says of it */
export const configurationRefused = ({ code, message }: WeftError) => new WeftError(code, `weft.config.ts: ${message}`, { status: 500, fault: 'caller' })
