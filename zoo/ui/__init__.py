"""`zoo ui`: a page to try the models on, a tab for each task."""
