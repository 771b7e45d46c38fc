"""What the pages share with Streamlit: the frame around a page, its state, and the safe showing of data."""
