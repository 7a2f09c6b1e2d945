import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** Whether links and remote images of model text may be used: not in a notebook that is not trusted. */
export const Trusted = createContext(true);

export const useTrusted = () => useContext(Trusted);
