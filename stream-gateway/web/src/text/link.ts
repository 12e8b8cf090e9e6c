// Words about the way between a person and a desktop, and about the picture that comes on it.
export const link = {
  title: 'Connection and picture',
  label: (word: string, time: string) => `Connection: ${word}, ${time}`,
  unknown: 'Connection: not measured yet',
  words: { good: 'good', fair: 'fair', slow: 'slow' },
  hints: {
    good: 'Typing feels as if it were here.',
    fair: 'Typing lags a little; films may stutter.',
    slow: 'Everything comes late. Low bandwidth may help.',
  },
  milliseconds: (ms: number) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`,
  roundTrip: 'To StreamSpace and back',
  desktop: 'From there to the desktop and back',
  down: 'Received',
  up: 'Sent',
  perSecond: (size: string) => `${size}/s`,
  none: 'not measured',
  picture: 'Picture',
  choices: { automatic: 'Automatic', sharp: 'Sharp', smooth: 'Smooth', low: 'Low bandwidth' },
  choiceHints: {
    automatic: 'Follows the connection.',
    sharp: 'Every detail, whatever it takes.',
    smooth: 'Motion first; photos are a little coarse.',
    low: 'Coarse, at most 8 pictures a second.',
  },
  stepNow: (step: number, of: number) =>
    step === 0 ? 'The best picture at the moment.' : `Simplified at the moment: step ${step} of ${of}.`,
};
