// KEDA's and the Prometheus operator's resources in rendered files, against the schemas of their own definitions.
import { readFileSync } from 'node:fs'
import { ScaledObject, TriggerAuthentication } from '@kubernetes-models/keda/keda.sh/v1alpha1'
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'
import { parseAllDocuments } from 'yaml'

const kinds = { ScaledObject, TriggerAuthentication, PodMonitor }
let checked = 0
for (const file of process.argv.slice(2))
  for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
    const resource = document.toJS()
    const Kind = kinds[resource.kind]
    if (!Kind) continue
    checked++
    try {
      new Kind(resource).validate()
    } catch (error) {
      process.exitCode = 1
      console.error(`${resource.kind} ${resource.metadata.name}: ${error.message}`)
    }
  }
console.log(`${checked} custom resources`)
