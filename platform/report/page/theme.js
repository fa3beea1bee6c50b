// Light and dark, and how charts look in both. The colours stand in page.css.

const named_colours = 7;  // --c0 .. --c6; what is left shares --other

function css_colour(name) { return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim(); }

function series_colour(index) { return css_colour('c' + index % named_colours); }

function see_through(colour, share) { return colour + Math.round(255 * share).toString(16).padStart(2, '0'); }

const point_styles = ['circle', 'triangle', 'rect', 'rectRot', 'star', 'cross', 'crossRot'];

/// Redrawn when the theme changes: the functions of all sections.
const redraws = [];

function set_theme(name) {
    document.documentElement.dataset.theme = name;
    document.getElementById('theme').textContent = name === 'dark' ? 'Light' : 'Dark';
    Chart.defaults.color = css_colour('ink');
    Chart.defaults.borderColor = css_colour('grid');
    redraws.forEach(redraw => redraw());
}

function start_theme() {
    const wish = matchMedia('(prefers-color-scheme: dark)');
    const of_wish = () => wish.matches ? 'dark' : 'light';
    Chart.defaults.animation = false;
    Chart.defaults.maintainAspectRatio = false;
    Chart.defaults.responsive = true;
    Chart.defaults.font.family = 'system-ui, sans-serif';
    Chart.defaults.font.size = 13;
    document.getElementById('theme').addEventListener(
        'click', () => set_theme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));
    wish.addEventListener('change', () => set_theme(of_wish()));
    // On paper the page is light, and charts are as wide as the paper.
    let before_print = null;
    addEventListener('beforeprint', () => {
        before_print = document.documentElement.dataset.theme;
        set_theme('light');
        Object.values(Chart.instances).forEach(chart => chart.resize(680, chart.height));
    });
    addEventListener('afterprint', () => set_theme(before_print || of_wish()));
    set_theme(of_wish());
}

/// A linear or logarithmic axis with its title and ticks in full numbers.
function number_axis(title, more) {
    return Object.assign({
        title: {display: true, text: title},
        grid: {color: css_colour('grid'), drawBorder: false},
        ticks: {callback: tick_text, maxTicksLimit: 8, maxRotation: 0},
    },
        more);
}

/// A logarithmic axis has many ticks: those at 1, 2 and 5 are named.
function log_axis(title, more) {
    const named = function(value) {
        const digit = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
        return [1, 2, 5].some(each => Math.abs(digit - each) < 1e-6) ? tick_text(value) : '';
    };
    return number_axis(title,
        Object.assign({
            type: 'logarithmic',
            ticks: {callback: named, maxRotation: 0, autoSkip: true, autoSkipPadding: 8},
        },
            more));
}

function tick_text(value) {
    const size = Math.abs(value);
    if (size >= 1e15 || (size > 0 && size < 1e-4))
        return value.toExponential(0);
    for (const [unit, letter] of [[1e12, ' T'], [1e9, ' G'], [1e6, ' M'], [1e4, ' k']])
        if (size >= unit)
            return Number((value / (letter === ' k' ? 1e3 : unit)).toPrecision(4)) + letter;
    return new Intl.NumberFormat('en-US', {maximumSignificantDigits: 4}).format(value);
}

/// Chart options that all charts share; more is merged at the top level.
function chart_options(tooltip_label, more) {
    return Object.assign({
        interaction: {mode: 'nearest', intersect: true},
        plugins: {
            legend: {position: 'bottom', align: 'start', labels: {boxWidth: 14, boxHeight: 10, usePointStyle: false}},
            tooltip: {callbacks: {label: tooltip_label}},
        },
    },
        more);
}

/// Names beside the points of a scatter plot: of datasets with `point_names`.
const name_points = {
    id: 'name_points',
    afterDatasetsDraw(chart) {
        const context = chart.ctx;
        context.save();
        context.font = '12px system-ui, sans-serif';
        context.fillStyle = css_colour('ink');
        context.textBaseline = 'middle';
        const taken = [];  // boxes of points and of names that are there
        chart.data.datasets.forEach((dataset, i) => chart.getDatasetMeta(i).data.forEach(point => {
            if (dataset.point_names)
                taken.push({left: point.x - 7, y: point.y, width: 14});
        }));
        chart.data.datasets.forEach((dataset, i) => {
            (dataset.point_names || []).forEach((text, j) => {
                const point = chart.getDatasetMeta(i).data[j];
                if (!point || !chart.isDatasetVisible(i))
                    return;
                const name = String(text).slice(0, 24), width = context.measureText(name).width;
                for (const [right, down] of [[1, 0], [0, 0], [1, -14], [1, 14], [0, -14], [0, 14], [1, -28], [1, 28]]) {
                    const box = {left: right ? point.x + 10 : point.x - 10 - width, y: point.y + down, width: width};
                    const outside = box.left + width > chart.chartArea.right + 4 || box.left < chart.chartArea.left;
                    if (outside ||
                        taken.some(other => Math.abs(other.y - box.y) < 13 && box.left < other.left + other.width &&
                                other.left < box.left + width))
                        continue;
                    context.fillText(name, box.left, box.y);
                    taken.push(box);
                    break;
                }
            });
        });
        context.restore();
    },
};
