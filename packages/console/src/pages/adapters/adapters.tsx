import { usePlace } from '../../routing/location.ts'
import { AdapterList } from './adapter-list.tsx'
import { AdapterPage } from './adapter-page.tsx'
import './adapters.css'

/** All adapters, or one version: `/console/adapters/style/speech@2`. */
const Adapters = () => {
  const { rest } = usePlace()
  return rest ? <AdapterPage key={rest} id={rest} /> : <AdapterList />
}

export default Adapters
