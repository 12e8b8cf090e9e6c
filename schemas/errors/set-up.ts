// Codes of: set-up and the local installation.
import type { ErrorEntry } from './entry.ts';

export const SET_UP_ERRORS = {
  NotRoot: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Run it as root, or use a cluster of your own with --kubeconfig FILE.',
  },
  NotDebian: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Use Debian 12 or newer, or a cluster of your own with --kubeconfig FILE.',
  },
  ToolMissing: { category: 'notFound', retry: 'never', remedy: 'Install the named tool and run the command again.' },
  DiskFull: {
    category: 'limit',
    retry: 'never',
    remedy: 'Free the named amount of disk space, or set another folder with --state or STREAMSPACE_CACHE.',
  },
  DownloadFailed: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Check that the registry can be reached and run the command again; what was finished is kept.',
  },
  BuildFailed: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Read the named log; run the command again once its cause is gone.',
  },
  PortInUse: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Stop the program that listens there, or choose another port with --port.',
  },
  PartFailed: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Read the named log. The supervisor keeps restarting the part; `streamspace status` shows it.',
  },
  NotRunning: { category: 'unavailable', retry: 'never', remedy: 'Start it with `streamspace up`.' },
  AlreadyRunning: { category: 'conflict', retry: 'never', remedy: 'Use the running one, or stop it with `streamspace down`.' },
  FolderNotEmpty: { category: 'conflict', retry: 'never', remedy: 'Choose a folder that does not exist yet or is empty.' },
  SettingInvalid: { category: 'invalid', retry: 'never', remedy: 'Correct the named settings; all mistakes are listed.' },
  UsageInvalid: { category: 'invalid', retry: 'never', remedy: 'See `streamspace help` for the right form.' },
  ImageBuildFailed: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Read the named log; the image is built again at the next start.',
  },
  PlatformUnsupported: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Use Linux on a 64-bit x86 machine.',
  },
  CleanupIncomplete: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Remove the named traces by hand, or run `streamspace down --purge` again.',
  },
  NetworkPolicyNotEnforced: {
    category: 'unavailable',
    retry: 'never',
    remedy:
      'Use a network that enforces NetworkPolicy (Calico, Cilium and others) on every node; in the local cluster, install nftables on a kernel that has it.',
  },
  VolumeSizeNotEnforced: {
    category: 'unavailable',
    retry: 'never',
    remedy: 'Use a cluster whose storage class enforces sizes, with --kubeconfig FILE.',
  },
  ImagesNotImported: {
    category: 'notFound',
    retry: 'never',
    remedy: 'Push the images of images/ to a registry of the cluster, and name them in the templates.',
  },
} as const satisfies Record<string, ErrorEntry>;
