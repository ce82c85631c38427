import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import './mantine.ts';
import './styles/tokens.css';
import './styles/base.css';

const host = document.getElementById('root');
if (host === null) throw new Error('index.html has no #root');
createRoot(host).render(<App />);
