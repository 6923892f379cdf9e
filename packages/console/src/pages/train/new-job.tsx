import { runnerOf } from '@weft/client'
import { defaultHyperparameters } from '@weft/methods/hyperparameters'
import type { ExecutorObject, MethodObject } from '@weft/protocol'
import { useRef, useState } from 'preact/hooks'
import { useLoaded } from '../../api/use-loaded.ts'
import { Button } from '../../controls/button.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { FileField } from '../../controls/file-field.tsx'
import { Select } from '../../controls/select.tsx'
import { TextField } from '../../controls/text-field.tsx'
import { useAction } from '../../controls/use-action.ts'
import { addressOf, navigate } from '../../routing/location.ts'
import { useSession } from '../../session/session.ts'
import { ConfigForm, type ConfigValues } from './config-form.tsx'
import { configFaults } from './config-schema.ts'
import { durationText, type Estimate, estimateOf } from './estimate.ts'
import { FileCheck } from './file-check.tsx'
import { type Hyperparameters, hyperparameterFaults } from './hyperparameter-fields.ts'
import { HyperparametersForm } from './hyperparameters-form.tsx'
import { bytesOf, type CheckedFile, checkChosenFile } from './training-file.ts'

interface Chosen {
  file: File
  checked: CheckedFile
}

/** A file, a method, and what it will take; then a job. */
export const NewJob = () => {
  const { weft } = useSession()
  const methods = useLoaded(() => weft.methods(), [weft])
  const executors = useLoaded(() => weft.executors(), [weft])
  const bases = useLoaded(async () => runnerOf(await weft.health()), [weft])
  const earlier = useLoaded(() => weft.jobs.list({ limit: 50 }), [weft])
  const [training, setTraining] = useState<Chosen>()
  const [validation, setValidation] = useState<Chosen>()
  const [name, setName] = useState('')
  const [method, setMethod] = useState<string>()
  const [base, setBase] = useState('base')
  const [executor, setExecutor] = useState('')
  /** Of the method that was filled in: who trains decides which there are, and another may stand there by now. */
  const [filled, setFilled] = useState<{ method: string; config: ConfigValues }>()
  const [hyperparameters, setHyperparameters] = useState<Hyperparameters>({})
  const { busy, error, run } = useAction()

  const lastChosen = useRef<{ training?: File | undefined; validation?: File | undefined }>({})
  const choose = (role: 'training' | 'validation', set: (chosen: Chosen | undefined) => void) => async (files: File[]) => {
    const [file] = files
    lastChosen.current[role] = file
    const chosen = file && { file, checked: await checkChosenFile(file) }
    // One that takes long to be read may come after another that was chosen since.
    if (lastChosen.current[role] === file) set(chosen)
  }
  // One that is not available now may be when its turn comes: it is offered, with the reason.
  const others = executors.value ?? []
  const elsewhere = others.find(({ id }) => id === executor)
  const trainable = (methods.value ?? []).filter(({ id, bases: over }) => over.length > 0 && (!elsewhere || elsewhere.methods.includes(id)))
  const chosen = trainable.find(({ id }) => id === method) ?? trainable.find(({ isDefault }) => isDefault) ?? trainable[0]
  const config = filled !== undefined && filled.method === chosen?.id ? filled.config : {}
  const rate = chosen?.learningRates?.[base === 'base' ? (bases.value?.models[0]?.name ?? base) : base]
  const defaults: Hyperparameters = { ...(chosen?.hyperparameters ?? defaultHyperparameters()), ...(rate !== undefined && { learningRate: rate }) }
  const faults = [...(chosen ? configFaults(chosen.config, config) : []), ...hyperparameterFaults(hyperparameters)]
  const refusal = refusalOf(training?.checked, validation?.checked, faults)

  const start = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (!training || !chosen || refusal !== undefined) return
    await run(async () => {
      const upload = async ({ file }: Chosen): Promise<string> => (await weft.files.upload({ content: await bytesOf(file), filename: file.name })).id
      const job = await weft.jobs.create({
        model: base,
        trainingFile: await upload(training),
        ...(validation && { validationFile: await upload(validation) }),
        ...(name.trim() && { suffix: name.trim() }),
        method: { type: chosen.id, [chosen.id]: config },
        hyperparameters,
        ...(elsewhere && { executor: elsewhere.id }),
      })
      navigate(addressOf('train', job.id))
    })
  }

  return (
    <form class="stack" onSubmit={start} aria-label="New job">
      <h2>New job</h2>
      <div class="columns">
        <FileField
          label="Training file"
          hint="JSON Lines, dropped or chosen: {text}, {prompt, completion}, {messages}, {text, label}, {tokens, labels}, {positive, negative} for steering, or {document} for a cartridge."
          accept=".jsonl,.json,.txt"
          onFiles={choose('training', setTraining)}
        />
        <FileField
          label="Validation file"
          hint="Optional: rows to measure on. Without it a tenth is set aside."
          accept=".jsonl,.json,.txt"
          onFiles={choose('validation', setValidation)}
        />
      </div>
      {training && <FileCheck file={training.checked} hasValidation={validation !== undefined} />}
      {validation?.checked.refusal !== undefined && <FileCheck file={validation.checked} hasValidation />}
      <div class="columns">
        <TextField
          label="Name"
          value={name}
          onInput={setName}
          placeholder="style/letters"
          hint="What it is published under; each training makes the next version."
        />
        {bases.value && (
          <Select
            label="Base model"
            value={base}
            onChange={setBase}
            options={bases.value.models.map((each, i) => ({ value: i === 0 ? 'base' : each.name, label: each.name }))}
          />
        )}
        {others.length > 0 && (
          <Select
            label="Trained by"
            value={executor}
            onChange={setExecutor}
            options={[
              { value: '', label: 'a runner of Weft' },
              ...others.map(({ id, kind, available }) => ({ value: id, label: `${id} (PEFT, ${kind}${available ? '' : ', not available now'})` })),
            ]}
            {...(elsewhere?.reason !== undefined && { hint: elsewhere.reason })}
          />
        )}
        {chosen && (
          <Select
            label="Method"
            value={chosen.id}
            options={trainable.map(({ id }) => ({ value: id, label: id }))}
            onChange={(id) => {
              setMethod(id)
              setFilled(undefined)
            }}
          />
        )}
      </div>
      {elsewhere && <Differences of={elsewhere} />}
      {methods.error !== undefined && <ErrorNote error={methods.error} />}
      {chosen && <MethodSettings method={chosen} config={config} onConfig={(values) => setFilled({ method: chosen.id, config: values })} />}
      <fieldset class="panel stack">
        <legend>How it is trained</legend>
        <HyperparametersForm values={hyperparameters} defaults={defaults} onChange={setHyperparameters} />
      </fieldset>
      {training && refusal === undefined && (
        <p role="status">
          {estimateText(
            estimateOf(training.checked, { ...defaults, ...hyperparameters }, earlier.value?.data ?? [], { hasValidation: validation !== undefined }),
          )}
        </p>
      )}
      {error !== undefined && <ErrorNote error={error} />}
      <div class="row">
        <Button type="submit" kind="primary" disabled={refusal !== undefined} busy={busy}>
          Train
        </Button>
        {refusal !== undefined && <p role="status">{refusal}</p>}
      </div>
    </form>
  )
}

/** Why training cannot begin yet; undefined where it can. */
const refusalOf = (training: CheckedFile | undefined, validation: CheckedFile | undefined, faults: readonly string[]): string | undefined => {
  if (training === undefined) return 'Choose a training file to begin.'
  if (training.refusal !== undefined) return `${training.name} cannot be trained on. ${training.refusal}`
  if (validation?.refusal !== undefined) return `${validation.name} cannot be measured on. ${validation.refusal}`
  return faults.length > 0 ? `Mend what is wrong first. ${faults.join(' ')}` : undefined
}

const Differences = ({ of: { id, differences } }: { of: ExecutorObject }) => (
  <details class="panel">
    <summary>What is otherwise at {id}</summary>
    <ul>
      {differences.map(({ what, message }) => (
        <li key={what}>{message}</li>
      ))}
    </ul>
  </details>
)

const MethodSettings = ({ method, config, onConfig }: { method: MethodObject; config: ConfigValues; onConfig: (values: ConfigValues) => void }) => (
  <fieldset class="panel stack">
    <legend>{method.id}</legend>
    <p>
      {method.description} It acts at {method.sites.join(', ') || 'nothing but the head'}.
    </p>
    <ConfigForm schema={method.config} values={config} onChange={onConfig} />
  </fieldset>
)

const estimateText = ({ steps, tokens, seconds, jobs }: Estimate): string =>
  `${steps} steps over about ${tokens.toLocaleString('en')} tokens${
    seconds === undefined
      ? '; how long that takes is known after the first steps'
      : `: about ${durationText(seconds)}, as ${jobs} earlier ${jobs === 1 ? 'job' : 'jobs'} took`
  }.`
