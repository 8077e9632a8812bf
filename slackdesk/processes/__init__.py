"""The processes of a desk: the app at Slack's edge, the beat, the workers, and the one that watches over them."""
