// Any figure of a sweep over any other, and Pareto fronts.

/// A column on an axis of a chart: its numbers (places, for texts), what they are multiplied by, and the axis.
function placed(column, scale_name) {
    const distinct = [...new Set(column.values)].filter(value => value !== null);
    if (!column.numeric) {
        const axis = number_axis(column_label(column), {type: 'linear', min: -0.5, max: distinct.length - 0.5});
        axis.ticks = {
            stepSize: 1,
            autoSkip: false,
            callback: value => Number.isInteger(value) ? String(distinct[value]) : ''
        };
        return {
            values: column.values.map(value => value === null ? null : distinct.indexOf(value)),
            factor: 1,
            axis: axis
        };
    }
    const own_values = column.role === 'axis' ? distinct.sort((a, b) => a - b) : [];
    const least = own_values[0], most = own_values[own_values.length - 1];
    const largest = distinct.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
    const scale = column.role === 'axis' ? {unit: column.unit, factor: 1} : scale_of(column.unit, largest);
    const log =
        distinct.every(value => value > 0) && (scale_name === 'log' || (scale_name === 'auto' && most >= 8 * least));
    const title = with_unit(column.label, scale.unit);
    const axis = log ? log_axis(title) : number_axis(title, {type: 'linear'});
    if (own_values.length > 0 && own_values.length <= 12) {  // a parameter's own values are its ticks
        const margin = 0.04 * (most - least || 1);
        axis.afterBuildTicks = of => {
            of.ticks = own_values.map(value => ({value: value}));
        };
        axis.ticks = {callback: value => shown_number(value), maxRotation: 0};
        axis.min = log ? least / 1.15 : least - margin;
        axis.max = log ? most * 1.15 : most + margin;
    }
    return {values: column.values, factor: scale.factor, axis: axis};
}

/// [label, indices] by the values of a column; all points without one.
function split_by(column) {
    const groups = new Map();
    sweep.index.forEach((_, i) => {
        const key = column === null ? 'all' : String(column.values[i]);
        if (!groups.has(key))
            groups.set(key, []);
        groups.get(key).push(i);
    });
    return [...groups];
}

function explorer_section() {
    const varied = sweep.varied.flatMap(axis => axis.columns);
    const all = [...varied, ...sweep.figures];
    const listed = all.map((column, i) => [String(i), column_label(column)]);
    const start = figure_by_key('totals.cycles');
    const second = sweep.varied.length > 1 ? String(varied.indexOf(sweep.varied[1].columns[0])) : 'none';
    const choices = [
        {id: 'x', label: 'across', options: listed, value: '0'},
        {id: 'y', label: 'up', options: listed, value: String(all.indexOf(start))},
        {
            id: 'by',
            label: 'a colour for each',
            options: [['none', 'nothing'], ...varied.map((column, i) => [String(i), column.key])],
            value: second
        },
        {
            id: 'drawn',
            label: 'drawn as',
            options: [['auto', 'lines over a parameter, else points'], ['lines', 'lines'], ['points', 'points']]
        },
        {
            id: 'how',
            label: 'a line joins the',
            options: [['mean', 'mean'], ['smallest', 'smallest'], ['largest', 'largest']]
        },
        {
            id: 'x_scale',
            label: 'scale across',
            options: [['auto', 'automatic'], ['linear', 'linear'], ['log', 'logarithmic']]
        },
        {id: 'y_scale', label: 'scale up', options: [['linear', 'linear'], ['log', 'logarithmic']]},
    ];
    add_section('explorer', 'Any figure over any other',
        'A line joins, for each value across, the mean (or smallest, or largest) over the points that have it.',
        choices, state => {
            const x_column = all[Number(state.x)], y_column = all[Number(state.y)],
                  by = state.by === 'none' ? null : varied[Number(state.by)];
            const x = placed(x_column, state.x_scale), y = placed(y_column, state.y_scale);
            const lines = state.drawn === 'lines' || (state.drawn === 'auto' && x_column.role === 'axis');
            const series = split_by(by).map(([name, members]) => {
                const usable = members.filter(i => x.values[i] !== null && y.values[i] !== null);
                return {
                    name: name,
                    label: by === null ? 'points' : by.key + ' = ' + name,
                    dots: lines ? reduced(usable, x.values, y.values, state.how) :
                                  usable.map(i => ({x: x.values[i], y: y.values[i], i: i})),
                };
            });
            const texts = [...new Set(x_column.values)].filter(value => value !== null);
            const values_of = dot => [x_column.numeric ? dot.x : String(texts[dot.x]), dot.y,
                lines ? dot.points : sweep.index[dot.i]];
            const table = {
                caption: 'What is drawn',
                head: by === null ? 'points' : by.key,
                columns: [
                    {label: x_column.label, unit: x_column.numeric ? x_column.unit : undefined, alone: true},
                    {label: y_column.label, unit: y_column.unit, alone: true},
                    {label: lines ? 'points joined' : 'point', unit: ''},
                ],
                rows: series.flatMap(each => each.dots.map(dot => ({name: each.name, values: values_of(dot)}))),
            };
            return {
                table: limited(table),
                full: () => table,
                height: 420,
                chart: dots_chart(series, x, y, lines, by !== null),
            };
        });
}

/// Long tables are shown in part; the CSV has them whole.
const shown_rows = 500;

function limited(table) {
    return table.rows.length <= shown_rows ? table : Object.assign({}, table, {
        rows: table.rows.slice(0, shown_rows),
        caption: table.caption + ': the first ' + shown_rows + ' of ' + grouped.format(table.rows.length) +
            '; the CSV has all'
    });
}

function dots_chart(series, x, y, lines, legend) {
    const options = chart_options(item => {
        const dot = item.raw;
        return [
            item.dataset.label + ': ' + shown_number(dot.x) + ', ' + shown_number(dot.y),
            ...(dot.i === undefined ? [] : ['point ' + sweep.index[dot.i] + ': ' + axes_text(dot.i)])
        ];
    });
    options.scales = {x: x.axis, y: y.axis};
    options.plugins.legend.display = legend;
    options.plugins.legend.labels.usePointStyle = true;
    const many = sum(series.map(each => each.dots.length)) > 500;
    return {
        type: 'scatter',
        options: options,
        data: {
            datasets: series.map((each, i) => ({
                label: each.label,
                data: each.dots.map(dot => ({x: dot.x * x.factor, y: dot.y * y.factor, i: dot.i})),
                showLine: lines,
                borderColor: series_colour(i),
                backgroundColor: see_through(series_colour(i), many ? 0.5 : 1),
                borderWidth: 2,
                borderDash: i >= named_colours ? [5, 4] : [],
                pointStyle: point_styles[i % point_styles.length],
                pointRadius: many ? 2 : 4 + Math.min(i, 6),  // the first is on top
                pointHoverRadius: 10,
            }))
        }
    };
}

function pareto_section() {
    if (sweep.figures.length < 2)
        return;
    const varies = key => sweep.figures.some(figure => figure.key === key && new Set(figure.values).size > 1);
    const scale_choice = (id, label) =>
        ({id: id, label: label, options: [['linear', 'linear'], ['log', 'logarithmic']]});
    add_section('pareto', 'Pareto front',
        'The points that no other one beats in both figures. Smaller is better; of hits, busy shares and ' +
            'right images, larger is.',
        [
            figure_choice('x', 'across', 'totals.cycles'),
            figure_choice('y', 'up', varies('area_mm2.total') ? 'area_mm2.total' : 'totals.energy_pj.total'),
            scale_choice('x_scale', 'scale across'),
            scale_choice('y_scale', 'scale up'),
        ],
        state => {
            const first = sweep.figures[Number(state.x)], second = sweep.figures[Number(state.y)];
            const better = figure => larger_is_better(figure.key) ? -1 : 1;
            const front = pareto_front(first.values, second.values, better(first), better(second)),
                  on_front = new Set(front);
            const x = placed(first, state.x_scale), y = placed(second, state.y_scale);
            const dot = i => ({x: x.values[i], y: y.values[i], i: i});
            const others = sweep.index.map((_, i) => i)
                               .filter(i => !on_front.has(i) && x.values[i] !== null && y.values[i] !== null);
            const chart = dots_chart(
                [{label: 'on the front', dots: front.map(dot)}, {label: 'other points', dots: others.map(dot)}], x, y,
                false, true);
            Object.assign(chart.data.datasets[0], {showLine: true, borderDash: [], order: 1});
            Object.assign(chart.data.datasets[1],
                {borderColor: css_colour('other'), backgroundColor: css_colour('panel'), order: 2});
            const table = points_table('On the front', front, first === second ? [first] : [first, second]);
            if (front.length <= 12) {
                chart.data.datasets[0].point_names = front.map(i => 'point ' + sweep.index[i]);
                chart.plugins = [name_points];
            }
            return {
                conclusion: grouped.format(front.length) + ' of ' + grouped.format(sweep.index.length) +
                    (front.length === 1 ? ' points is' : ' points are') + ' on the front of ' + first.label + ' and ' +
                    second.label + '.',
                table: limited(table),
                full: () => table,
                height: 420,
                chart: chart,
            };
        });
}
