// Codes of: teams and sessions.
import type { ErrorEntry } from './entry.ts';

export const SESSION_ERRORS = {
  NamespaceTaken: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Give the team another namespace, or label the namespace for it.',
  },
  TeamNotReady: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Use the namespace of a Team; its sessions start by themselves once its network policies are in place.',
  },
  TemplateNotFound: {
    category: 'notFound',
    retry: 'backoff',
    remedy: 'Choose a template of the catalog; names are case-sensitive.',
  },
  ImageNotFound: {
    category: 'notFound',
    retry: 'backoff',
    remedy: 'Build or pull the image that the template names, or correct spec.image in the template.',
  },
  Unschedulable: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Stop another session, ask for less in the template, or add a node.',
  },
  VolumePending: { category: 'unavailable', retry: 'backoff', remedy: 'Check the storage class of the cluster.' },
  PodRejected: {
    category: 'forbidden',
    retry: 'backoff',
    remedy: 'Change the template so that Pod Security "restricted" admits it.',
  },
  DesktopCrashed: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Look at the log of the pod; the desktop is restarted by itself.',
  },
  DesktopUnreachable: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Wait a moment; check that the desktop listens on the port of its template.',
  },
  DesktopUnsupported: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Use a VNC server that speaks RFB 3.7 or 3.8 with security VeNCrypt, None or VncAuth.',
  },
  DesktopTlsMissing: {
    category: 'invalid',
    retry: 'never',
    remedy:
      'Let the VNC server offer VeNCrypt with X509Vnc and the certificate in /run/streamspace/vnc, or set desktop.tls of the template to Opportunistic and start the session again.',
  },
  DesktopTlsUntrusted: {
    category: 'forbidden',
    retry: 'never',
    remedy:
      'Let the VNC server use /run/streamspace/vnc/tls.crt and tls.key. If it does, something else answers in its place: look at the network of the cluster.',
  },
  DesktopTlsFailed: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Look at the log of the pod; the VNC server has to read its certificate and key, and to speak TLS 1.2 or 1.3.',
  },
  DesktopRefused: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Wait a moment; if it stays, hibernate and resume the session so that it reads its password again.',
  },
  QuotaExceeded: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Stop one of your sessions, wait until others stop theirs, or ask an admin of the team or platform for more room.',
  },
  SnoozeNotAllowed: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Type or click in the desktop: any input keeps the session going.',
  },
  SessionNotRunning: { category: 'conflict', retry: 'never', remedy: 'Resume the session first.' },
  SessionTerminated: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Start a new session; a terminated one does not come back.',
  },
} as const satisfies Record<string, ErrorEntry>;
