// The texts of a page whose contrast with what is behind them is below WCAG's AA, each with its ratio.
() => {
  const shade = (text) => {
    const [red, green, blue, alpha = 1] = text.match(/[\d.]+/g).map(Number);
    return { channels: [red, green, blue], alpha };
  };
  const linear = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ({ channels: [red, green, blue] }) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const found = shade(getComputedStyle(one).backgroundColor);
      if (found.alpha === 1) return found;
    }
    return shade("rgb(255, 255, 255)");
  };
  const isShown = (element) => element.checkVisibility({ opacityProperty: true }) && !element.closest(".hidden, script, option");

  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const words = texts.currentNode.data.trim();
    const element = texts.currentNode.parentElement;
    if (!words || !isShown(element)) continue;
    const style = getComputedStyle(element);
    const [dark, bright] = [luminance(shade(style.color)), luminance(ground(element))].sort((a, b) => a - b);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ratio = (bright + 0.05) / (dark + 0.05);
    if (ratio < (isLarge ? 3 : 4.5)) faint.push(`${ratio.toFixed(2)} ${words.slice(0, 40)}`);
  }
  return faint;
}
