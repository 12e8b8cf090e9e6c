// Words for fingers on a desktop.
export const touch = {
  toTouchpad: 'Use the screen as a touchpad',
  toTouchscreen: 'Point with the finger itself',
  hideKeyboard: 'Hide the keyboard',
  keyRow: 'Keys that the keyboard lacks',
  functionKeys: 'Function keys',
  keyNames: {
    shift: 'Shift',
    left: 'Left',
    up: 'Up',
    down: 'Down',
    right: 'Right',
    home: 'Home',
    end: 'End',
    pageUp: 'Page up',
    pageDown: 'Page down',
    insert: 'Insert',
    delete: 'Delete',
  },
};
