// Which page it is.

function start() {
    const title = document.getElementById('title'), subtitle = document.getElementById('subtitle');
    document.getElementById('report').replaceChildren();
    title.textContent = document.title;
    start_theme();
    if (data.sweep) {
        show_sweep();
        subtitle.textContent = sweep_words();
    } else if (data.dataflow) {
        const explored = data.dataflow;
        subtitle.textContent = 'Orders of the loops m, n, k, t on the tensors of ' + explored.scenario + ': ' +
            explored.layers.length + (explored.layers.length === 1 ? ' layer' : ' layers') + ', exactly counted';
        show_dataflow();
    } else if (data.runs.length === 1) {
        subtitle.textContent = run_words(data.runs[0].result);
        show_run(data.runs[0]);
    } else {
        subtitle.textContent = data.runs.length + ' results of loas-vp run';
        show_comparison(data.runs);
    }
}

start();
