"""Search over what a recurrent decoder may write, given its step."""
