"""Reference implementations in other frameworks, each as short as the framework allows."""
